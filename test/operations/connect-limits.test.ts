// What the endpoints of the token service that take forms refuse to read, and when they are asked too often.
import { createExecutionContext } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { describe, expect, test } from 'vitest'
import { MAX_BODY } from '../../src/http/body-limit.ts'
import worker from '../../src/index.ts'
import { answer, ISSUER } from '../support/tenant.ts'

const FORM = 'application/x-www-form-urlencoded'
const send = async (path: string, body: string, headers: Record<string, string> = {}, vars: object = {}) => {
  const sent = new Request(`${ISSUER}${path}`, { method: 'POST', body, headers: { 'Content-Type': FORM, ...headers } })
  return worker.fetch(sent, { ...env, ...vars }, createExecutionContext())
}
const refusing = { limit: async () => ({ success: false }) }

const ASKING = ['/connect/introspect', '/connect/revocation', '/connect/deviceauthorization']

describe.each([...ASKING, '/connect/userinfo'])('POST %s', (path) => {
  test('400 for a field that is there twice, or bytes that are no text', async () => {
    for (const body of ['client_id=a&CLIENT_ID=b&access_token=a&access_token=b', 'access_token=%FF&client_id=%FF']) {
      expect(await answer(await send(path, body), 400)).toEqual({ error: 'invalid_request' })
    }
  })

  test('413 for a form above 1 MiB', async () => {
    await answer(await send(path, `a=${'b'.repeat(MAX_BODY)}`, { 'Content-Length': `${MAX_BODY + 2}` }), 413)
  })

  test('415 for a form in an encoding that is not read', async () => {
    await answer(await send(path, 'a=b', { 'Content-Type': `${FORM}; charset=utf-7` }), 415)
  })
})

test.each(ASKING)('POST %s > 429 beyond the limits of an address, and of a client', async (path) => {
  const headers = { 'CF-Connecting-IP': '192.0.2.1' }
  for (const vars of [{ TOKENS_BY_ADDRESS: refusing }, { TOKENS_BY_CLIENT: refusing }]) {
    const response = await send(path, 'client_id=a&client_secret=b&token=c', headers, vars)
    expect([response.status, response.headers.get('Retry-After')]).toEqual([429, '60'])
  }
})
