// The documents clients check tokens with (discovery and JWKS), and the key behind them.
import { env, exports } from 'cloudflare:workers'
import {
  calculateJwkThumbprint,
  createLocalJWKSet,
  decodeJwt,
  exportPKCS8,
  importJWK,
  type JSONWebKeySet,
  type JWK,
  jwtVerify,
} from 'jose'
import { describe, expect, test } from 'vitest'
import { app } from '../../src/app.ts'
import { createSigningKey, keyRing } from '../../src/auth/keys.ts'
import { AUDIENCES, GRANTABLE_SCOPES, REGISTRABLE_SCOPES } from '../../src/auth/scopes.ts'
import { operations } from '../../src/http/contract.ts'
import { HOST_PARTITION } from '../../src/partitions/partition.table.ts'
import { answer, ISSUER, mint, ORIGIN } from '../support/tenant.ts'

interface Metadata {
  issuer: string
  jwks_uri: string
  token_endpoint: string
  scopes_supported: string[]
  claims_supported: string[]
  grant_types_supported: string[]
}

/** All that Duende IdentityServer 7.4 publishes, in its order. */
const ENTRIES = [
  ...['issuer', 'jwks_uri', 'authorization_endpoint', 'token_endpoint', 'userinfo_endpoint', 'end_session_endpoint'],
  ...['check_session_iframe', 'revocation_endpoint', 'introspection_endpoint', 'device_authorization_endpoint'],
  ...['scopes_supported', 'claims_supported', 'grant_types_supported', 'response_types_supported'],
  ...['response_modes_supported', 'token_endpoint_auth_methods_supported'],
  ...['revocation_endpoint_auth_methods_supported', 'introspection_endpoint_auth_methods_supported'],
  ...['id_token_signing_alg_values_supported', 'introspection_signing_alg_values_supported', 'subject_types_supported'],
  ...['code_challenge_methods_supported', 'prompt_values_supported', 'authorization_response_iss_parameter_supported'],
]

const WELL_KNOWN = '/.well-known/openid-configuration'

const discover = async (prefix = '/identity_', query = '') =>
  answer<Metadata>(await exports.default.fetch(`${ORIGIN}${prefix}${WELL_KNOWN}${query}`))
const published = async () => answer<JSONWebKeySet>(await exports.default.fetch((await discover()).jwks_uri))

const askToken = (endpoint: string, fields: Record<string, string> = {}) => {
  const client = { client_id: 'host-admin', client_secret: 'host-admin-secret' }
  const body = new URLSearchParams({ grant_type: 'client_credentials', ...client, ...fields })
  return exports.default.fetch(endpoint, { method: 'POST', body })
}
const grantedToken = async () => {
  const { access_token } = await answer<{ access_token: string }>(await askToken((await discover()).token_endpoint))
  return access_token
}

describe('GET /.well-known/openid-configuration', () => {
  test('names the host-level issuer and its endpoints', async () => {
    expect(await discover()).toMatchObject({
      issuer: ISSUER,
      jwks_uri: `${ISSUER}${WELL_KNOWN}/jwks`,
      token_endpoint: `${ISSUER}/connect/token`,
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['RS256'],
    })
  })

  test.each(['/identity', '/org/identity_', `/${HOST_PARTITION}/identity_`, '/org/tenant/identity_', '/ORG/IDENTITY'])(
    'is the same document under %s',
    async (prefix) => expect(await discover(prefix)).toEqual(await discover()),
  )

  test('ignores the query', async () => {
    expect(await discover('/identity_', '?appid=1&tenant=a%20b')).toEqual(await discover())
  })

  test('advertises only endpoints that answer', async () => {
    const { issuer, ...rest } = await discover()
    const endpoints = Object.values(rest).filter((value) => typeof value === 'string' && value.startsWith(ORIGIN))
    expect(endpoints.length).toBeGreaterThanOrEqual(2)
    const served = operations(app).map(({ path }) => `${ORIGIN}${path}`)
    expect(served).toEqual(expect.arrayContaining(endpoints))
    expect(issuer).toBe(ISSUER)
  })

  test('has its entries in the order of the real engine', async () => {
    const names = Object.keys(await discover())
    expect(names).toEqual(ENTRIES.filter((name) => names.includes(name)))
  })

  test('advertises only grants that are known', async () => {
    const { grant_types_supported, token_endpoint } = await discover()
    for (const grant_type of [...grant_types_supported, 'unknown']) {
      const text = await (await askToken(token_endpoint, { grant_type })).text()
      expect([grant_type, text.includes('unsupported_grant_type')]).toEqual([grant_type, grant_type === 'unknown'])
    }
  })

  test('advertises every scope that can be granted and that an endpoint asks for', async () => {
    const { scopes_supported, token_endpoint } = await discover()
    const asked = operations(app).flatMap(({ contract }) => contract.scopes ?? [])
    expect([...scopes_supported].sort()).toEqual([...REGISTRABLE_SCOPES].sort())
    expect([scopes_supported[0], scopes_supported.at(-1)]).toEqual(['openid', 'offline_access'])
    expect(scopes_supported).toEqual(expect.arrayContaining(asked))
    await answer(await askToken(token_endpoint, { scope: GRANTABLE_SCOPES.join(' ') }))
  })

  test('names every claim of a token', async () => {
    const { claims_supported } = await discover()
    expect(claims_supported).toEqual(expect.arrayContaining(Object.keys(decodeJwt(await grantedToken()))))
  })

  test.each(['/.well-known/unknown', `${WELL_KNOWN}/unknown`, '/.well-known'])('has nothing at %s', async (path) => {
    await answer(await exports.default.fetch(`${ISSUER}${path}`), 404)
  })
})

describe('GET /.well-known/openid-configuration/jwks', () => {
  test('publishes RS256 signature keys without their private half', async () => {
    const { keys } = await published()
    expect(keys.length).toBeGreaterThan(0)
    const text = expect.stringMatching(/^[\w-]+$/)
    for (const key of keys) expect(key).toEqual({ kty: 'RSA', use: 'sig', alg: 'RS256', kid: text, n: text, e: text })
  })

  test('verifies a token that was granted, and no other', async () => {
    const keys = createLocalJWKSet(await published())
    const options = { issuer: ISSUER, audience: AUDIENCES, algorithms: ['RS256'] }
    const token = await grantedToken()
    const { protectedHeader, payload } = await jwtVerify(token, keys, options)
    expect(protectedHeader.kid).toBe((await published()).keys[0]?.kid)
    expect(payload['prt_id']).toBe(HOST_PARTITION)
    await expect(jwtVerify(token.replace(/[^.]+$/, 'AAAA'), keys, options)).rejects.toThrow()
  })

  test('stays the same from one request to the next', async () => {
    expect(await published()).toEqual(await published())
  })
})

/** The database as another isolate would see it: the same rows, another object. */
const elsewhere = () =>
  new Proxy(env.DB, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
const openElsewhere = (secret: { SIGNING_KEY?: string } = {}) => keyRing({ ...env, DB: elsewhere(), ...secret })
const kids = async () => (await env.DB.prepare('select kid from signing_keys').all<{ kid: string }>()).results

describe('the signing key', () => {
  test('is read again by an isolate that starts later', async () => {
    const { signing, jwks } = await openElsewhere()
    expect(jwks).toEqual(await published())
    expect(signing.kid).toBe((await keyRing(env)).signing.kid)
    await jwtVerify(await mint(), (await openElsewhere()).verificationKey, { issuer: ISSUER })
  })

  test('is asked for once by an isolate', async () => {
    const DB = elsewhere()
    expect(await keyRing({ ...env, DB })).toBe(await keyRing({ ...env, DB }))
  })

  test('is one and the same for isolates that need the first one at the same time', async () => {
    await env.DB.prepare('delete from signing_keys').run()
    const rings = await Promise.all(Array.from({ length: 8 }, () => openElsewhere()))
    const [first] = rings
    expect(await kids()).toEqual([{ kid: first?.signing.kid }])
    for (const { signing, jwks } of rings) {
      expect(signing.kid).toBe(first?.signing.kid)
      expect(jwks).toEqual(first?.jwks)
    }
    expect((await openElsewhere()).signing.kid).toBe(first?.signing.kid)
  })

  test('is the one given as a secret, as JWK or PEM, and is not written down', async () => {
    const before = await kids()
    const { kid, privateJwk } = await createSigningKey()
    expect(kid).toMatch(/^[0-9A-F]{32}$/)
    const jwk: JWK = JSON.parse(privateJwk)
    const key = await importJWK(jwk, 'RS256', { extractable: true })
    const pem = key instanceof CryptoKey ? await exportPKCS8(key) : ''
    const thumbprint = await calculateJwkThumbprint(jwk)
    for (const [SIGNING_KEY, id] of [
      [privateJwk, kid],
      [` ${privateJwk}\n`, kid],
      [pem, thumbprint],
    ] as const) {
      const { signing, jwks } = await openElsewhere({ SIGNING_KEY })
      expect([signing.kid, ...jwks.keys.map((half) => half.kid)]).toEqual([id, id])
    }
    expect(await kids()).toEqual(before)
  })

  test('is tried again after a failure to open it', async () => {
    const DB = elsewhere()
    await expect(keyRing({ ...env, DB, SIGNING_KEY: 'no key' })).rejects.toThrow()
    expect((await keyRing({ ...env, DB })).signing.kid).toBe((await kids())[0]?.kid)
  })
})
