// A deployment with secrets that are missing, weak or known to everybody serves nothing; a local run may have them.
import { createExecutionContext } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { describe, expect, test } from 'vitest'
import worker from '../../src/index.ts'
import { refusesToServe } from '../../src/secrets/refuses-to-serve.ts'
import { answer, ORIGIN } from '../support/tenant.ts'

const { LOCAL: _, ...deployed } = env
const TOKEN = 'a-token-of-24-characters'

// The example key of jwt.io: its beginning is all that is looked for.
const published = {
  pem: '-----BEGIN PRIVATE KEY-----\nMIIEvwIBADANBgkqhkiG9w0BAQEFAASCBKkwggSlAgEAAoIBAQC7VJTUt9Us8cKj\n',
  jwk: JSON.stringify({ kty: 'RSA', n: 'u1SU1LfVLPHCozMxH2Mo4lgOEePzNm0tRgeLezV6ffAt0gunVTLw7onLRnrq0' }),
}

const ask = async (on: Cloudflare.Env, path = '/health', init: RequestInit<IncomingRequestCfProperties> = {}) =>
  worker.fetch(new Request(`${ORIGIN}${path}`, init), on, createExecutionContext())

const without = ({ ENCRYPTION_KEY: _, ...rest }: Cloudflare.Env): Cloudflare.Env => rest

describe.each([
  ['ENCRYPTION_KEY is missing', without(deployed)],
  ['ENCRYPTION_KEY is missing', { ...deployed, ENCRYPTION_KEY: '' }],
  ['ENCRYPTION_KEY is not 32 bytes in base64url', { ...deployed, ENCRYPTION_KEY: 'c2hvcnQ' }],
  ['ENCRYPTION_KEYS_OLD holds', { ...deployed, ENCRYPTION_KEYS_OLD: `${env.ENCRYPTION_KEY},c2hvcnQ` }],
  ['SIGNING_KEY is a published example', { ...deployed, SIGNING_KEY: published.pem }],
  ['SIGNING_KEY is a published example', { ...deployed, SIGNING_KEY: published.jwk }],
  ['CONTROL_TOKEN is the one of local runs', { ...deployed, CONTROL_TOKEN: 'local-control' }],
  ['CONTROL_TOKEN has less than 24 characters', { ...deployed, CONTROL_TOKEN: TOKEN.slice(1) }],
])('%s', (reason, unfit: Cloudflare.Env) => {
  test.each(['/health', '/identity_/api/Setting', '/identity_/connect/token', '/_control/tenants', '/nowhere'])(
    'is the answer at %s',
    async (path) => {
      const response = await ask(unfit, path)
      expect(response.headers.get('Content-Type')).toContain('application/problem+json')
      const text = JSON.stringify(await answer(response, 503))
      expect(text).toContain(reason)
      for (const secret of ['c2hvcnQ', 'local-control', TOKEN.slice(1), 'VJTUt', 'u1SU1', env.ENCRYPTION_KEY ?? '?']) {
        expect(text).not.toContain(secret)
      }
    },
  )

  test.each(['LOCAL', 'EMBEDDED'])('is no matter where %s is set', async (name) => {
    expect((await ask({ ...unfit, [name]: 'true' })).status).toBe(200)
  })
})

test('everything that is wrong is named at once', () => {
  const reasons = refusesToServe({ ...without(deployed), CONTROL_TOKEN: 'x', ENCRYPTION_KEYS_OLD: 'y' })
  expect(reasons).toHaveLength(3)
})

test('a deployment with secrets of its own serves, with a control token or without', async () => {
  expect((await ask(deployed)).status).toBe(200)
  expect((await ask({ ...deployed, CONTROL_TOKEN: TOKEN, ENCRYPTION_KEYS_OLD: '' })).status).toBe(200)
})

test('an env is looked at once', () => {
  const unfit = without(deployed)
  expect(refusesToServe(unfit)).toBe(refusesToServe(unfit))
})

describe('POST connect/token of a client the documents name', () => {
  const body = (secret: string, id: string) =>
    new URLSearchParams({ grant_type: 'client_credentials', client_id: id, client_secret: secret })
  const token = (on: Cloudflare.Env, id: string, secret = `${id}-secret`) =>
    ask(on, '/identity_/connect/token', { method: 'POST', body: body(secret, id) })

  test.each(['host-admin', 'hogwarts-admin'])('%s: 503 in a deployment, 200 in a local run', async (id) => {
    const refused = JSON.stringify(await answer(await token(deployed, id), 503))
    expect(refused).toContain('a client of local runs is registered')
    expect(refused).not.toContain(id)
    await answer(await token(env, id))
  })

  test('an outsider who does not know the secret learns nothing of it', async () => {
    expect(await answer(await token(deployed, 'host-admin', 'guess'), 400)).toEqual({ error: 'invalid_client' })
  })
})
