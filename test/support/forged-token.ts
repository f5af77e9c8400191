// Tokens made by hand for one partition, and the endpoint they are presented at. They are made for the instant NOW:
// tests set the clock to it.
import { env, exports } from 'cloudflare:workers'
import { base64url, type JWK, SignJWT } from 'jose'
import { expect } from 'vitest'
import { ADMINISTRATORS } from '../../src/auth/administrators.ts'
import { keyRing } from '../../src/auth/keys.ts'
import { AUDIENCES, SCOPES } from '../../src/auth/scopes.ts'
import { adminOf, answer, call, createPartition, ISSUER, user } from './tenant.ts'

/** The last second of a February. In seconds since the epoch. */
export const NOW = Date.UTC(2026, 1, 28, 23, 59, 59) / 1000

/** The partition the tokens are for. */
export const partition = await createPartition({ entities: [user('boss')] })
const administrators = { name: 'Administrators', partitionGlobalId: partition, directoryUserIDsToAdd: ['boss'] }
await answer(
  await call('PUT', `/api/Group/${ADMINISTRATORS}`, { token: await adminOf(partition), json: administrators }),
)

const { signing, jwks, secret } = await keyRing(env)

export const kid = signing.kid

/** The tenant's key, as published and as a secret. */
export const [publicJwk = {}] = jwks.keys
export const privateJwk: JWK = JSON.parse(secret)

export const claims = (over: object = {}) => ({
  ...{ iss: ISSUER, aud: AUDIENCES, iat: NOW, nbf: NOW, exp: NOW + 3600 },
  ...{ client_id: 'maker', prt_id: partition, scope: [...SCOPES], ...over },
})

/** One part of a token: text as it is, anything else as JSON. */
export const encode = (part: unknown) => base64url.encode(typeof part === 'string' ? part : JSON.stringify(part))

/** Any payload and any header under an RS256 signature by the tenant's own key. */
export async function forge(payload: unknown, header: object = {}): Promise<string> {
  const input = `${encode({ alg: 'RS256', kid, typ: 'at+jwt', ...header })}.${encode(payload)}`
  const signature = await crypto.subtle.sign('RSASSA-PKCS1-v1_5', signing.key, new TextEncoder().encode(input))
  return `${input}.${base64url.encode(new Uint8Array(signature))}`
}

/** A token that is right but for what is given. What is undefined is left out. */
export const ours = (over: object = {}, header: object = {}) => forge(claims(over), header)

/** The claims of a right token, signed by any key. */
export const signed = (alg: string, key: CryptoKey | Uint8Array, header: object = { kid }) =>
  new SignJWT(claims()).setProtectedHeader({ typ: 'at+jwt', ...header, alg }).sign(key)

/** A request for no setting of `to`, with this Authorization header or without one. */
export const present = (authorization: string | undefined, to = partition, query = '') =>
  exports.default.fetch(`${ISSUER}/api/Setting?partitionGlobalId=${to}${query}`, {
    headers: authorization === undefined ? {} : { Authorization: authorization },
  })

/** What RFC 9110 and RFC 6750 let a challenge be made of. */
const CHALLENGE = /^Bearer(?: \w+="[\x20-\x21\x23-\x5b\x5d-\x7e]*"(?:, \w+="[\x20-\x21\x23-\x5b\x5d-\x7e]*")*)?$/

/** 401 with a challenge and without a body. */
export async function expectUnauthorized(response: Response) {
  expect({ status: response.status, body: await response.text() }).toEqual({ status: 401, body: '' })
  expect(response.headers.get('WWW-Authenticate')).toMatch(CHALLENGE)
}
