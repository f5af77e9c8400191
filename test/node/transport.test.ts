// Connections as real clients use them: a refusal reaches a client that is still sending, and a proxy of the environment is
// not asked for the way to this machine's own port.
import { afterEach, expect, it } from 'vitest'
import { cleanUp, DEAD_PROXY, newPlace, startTenant } from './command.ts'

const ATTEMPTS = 20
const LARGE = 'x'.repeat(5_000_000)

afterEach(cleanUp)

it.each([DEAD_PROXY, { ...DEAD_PROXY, NODE_USE_ENV_PROXY: '0', NODE_OPTIONS: '--use-env-proxy' }])(
  'starts under a proxy of the environment that does not answer: %o',
  async (proxy) => {
    const tenant = await startTenant({ ...(await newPlace()), ...proxy })

    expect(tenant.token).not.toBe('')
  },
)

it('answers clients that are still sending', async () => {
  const { url } = await startTenant(await newPlace())
  const json = { 'content-type': 'application/json' }
  const pairs = { 'content-type': 'application/x-www-form-urlencoded' }
  const form = () => {
    const body = new FormData()
    body.set('grant_type', 'client_credentials')
    return body
  }

  expect(await statuses(`${url}/identity_/connect/token`, () => ({ method: 'POST', body: form() }))).toEqual([400])
  expect(
    await statuses(`${url}/identity_/connect/token`, () => ({ method: 'POST', headers: pairs, body: LARGE })),
  ).toEqual([413])
  // Without a length: a part of it is read before it is too large.
  const chunked = () => ({ method: 'POST', headers: pairs, body: new Blob([LARGE]).stream(), duplex: 'half' }) as const
  expect(await statuses(`${url}/identity_/connect/token`, chunked)).toEqual([413])
  expect(await statuses(`${url}/identity_/api/Setting`, () => ({ method: 'PUT', headers: json, body: LARGE }))).toEqual(
    [401],
  )
  expect(await statuses(`${url}/nowhere`, () => ({ method: 'POST', body: LARGE }))).toEqual([404])
  expect(await statuses(`${url}/health`, () => ({ method: 'POST', body: LARGE }))).toEqual([405])
})

/** The different statuses of as many requests, one after the other. Rejects if one is not answered. */
async function statuses(url: string, request: () => RequestInit): Promise<number[]> {
  const seen = new Set<number>()
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const response = await fetch(url, request())
    await response.arrayBuffer()
    seen.add(response.status)
  }
  return [...seen]
}
