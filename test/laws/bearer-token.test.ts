// Which bearer tokens open an endpoint and which do not, by hand-made tokens of every kind. The clock stands still,
// so that tokens can be made to expire to the second.
import { createExecutionContext } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { base64url, exportJWK, exportSPKI, generateKeyPair, importJWK } from 'jose'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { AUDIENCES } from '../../src/auth/scopes.ts'
import worker from '../../src/index.ts'
import { HOST_PARTITION } from '../../src/partitions/partition.table.ts'
import * as forged from '../support/forged-token.ts'
import { answer, ISSUER } from '../support/tenant.ts'

const { claims, encode, expectUnauthorized, forge, kid, NOW, ours, partition, present, publicJwk, signed } = forged

type Make = () => string | Promise<string>

const ORG_ISSUER = ISSUER.replace('identity_', 'org/identity_')

const publicKey = await importJWK(publicJwk, 'RS256', { extractable: true })
const pem = publicKey instanceof CryptoKey ? await exportSPKI(publicKey) : ''
const foreign = await generateKeyPair('RS256', { extractable: true })
const jwk = await exportJWK(foreign.publicKey)

const ownKeyAs = async (alg: string) => signed(alg, await importJWK(forged.privateJwk, alg))
const foreignAs = async (alg: string) => signed(alg, (await generateKeyPair(alg)).privateKey)
const theirs = (header: object) => signed('RS256', foreign.privateKey, header)
const hs256 = (secret: string) => signed('HS256', new TextEncoder().encode(secret))

/** One entry of a table for each of `values`. */
const each = <Value>(values: readonly Value[], name: string, make: (value: Value) => string | Promise<string>) =>
  Object.fromEntries(
    values.map((value): [string, Make] => [
      `${name} ${typeof value === 'string' ? value : JSON.stringify(value).slice(0, 40)}`,
      () => make(value),
    ]),
  )

/** A request with `token` at the issuer's name, to a server with these variables. */
const presentAt = async (issuer: string, token: string, vars: Partial<Cloudflare.Env> = {}) => {
  const headers = { Authorization: `Bearer ${token}` }
  const request = new Request(`${issuer}/api/Setting?partitionGlobalId=${partition}`, { headers })
  return worker.fetch(request, { ...env, ...vars }, createExecutionContext())
}

/** A right token cut into its three parts, put together again by `join`. */
async function rejoin(join: (header: string, payload: string, signature: string) => string) {
  const [header = '', payload = '', signature = ''] = (await ours()).split('.')
  return join(header, payload, signature)
}
const flip = (text: string) => text.replace(/(?<=^.{30})./, (char) => (char === 'A' ? 'B' : 'A'))

const right: Record<string, Make> = {
  'scope as a list': () => ours({ scope: ['PM.Group', 'PM.Setting.Read'] }),
  'scope as a list of one': () => ours({ scope: ['PM.Setting'] }),
  'scope as a string': () => ours({ scope: 'OR.Jobs PM.Setting.Read PM.Group' }),
  'scope as a string of one': () => ours({ scope: 'PM.Setting' }),
  'scope as a string with spaces to spare': () => ours({ scope: '  PM.Group   PM.Setting ' }),
  ...each(AUDIENCES, 'aud as the string', (aud) => ours({ aud })),
  ...each(AUDIENCES, 'aud as a list of', (aud) => ours({ aud: [aud] })),
  'aud among others': () => ours({ aud: ['UiPath.Orchestrator', ...AUDIENCES, 'Audit'] }),
  'no kid': () => ours({}, { kid: undefined }),
  'typ JWT': () => ours({}, { typ: 'JWT' }),
  'typ at+jwt': () => ours({}, { typ: 'at+jwt' }),
  'no typ': () => ours({}, { typ: undefined }),
  "host 'True'": () => ours({ prt_id: HOST_PARTITION, host: 'True' }),
  "host 'true' and no partition": () => ours({ prt_id: undefined, host: 'true' }),
  "host 'False'": () => ours({ host: 'False' }),
  'prt_id in upper case': () => ours({ prt_id: partition.toUpperCase() }),
  'organization_id instead of prt_id': () => ours({ prt_id: undefined, organization_id: partition }),
  'organization_id other than prt_id': () => ours({ organization_id: crypto.randomUUID() }),
  'the claims of a user': () => ours({ sub: 'boss', sub_type: 'user', amr: ['pwd'], sid: 'A1' }),
  'claims nobody knows': () => ours({ constructor: { a: [1, null, '😀'] }, ext_idp_disp_name: 'aad', tier: 1e21 }),
  'no client_id': () => ours({ client_id: undefined }),
  'no iat and no nbf': () => ours({ iat: undefined, nbf: undefined }),
  'an expiry one second away': () => ours({ exp: NOW + 1 }),
  'an expiry half a second away': () => ours({ exp: NOW + 0.5 }),
  'an expiry in the year 2286': () => ours({ exp: 9_999_999_999 }),
  'ten kilobytes of claims': () => ours({ filler: 'x'.repeat(10_000) }),
}

const wrongSignature: Record<string, Make> = {
  ...each(['none', 'None', 'NONE', 'nOnE', '""'], 'no signature and alg', (alg) => {
    return `${encode({ alg: alg.replace('""', ''), kid, typ: 'JWT' })}.${encode(claims())}.`
  }),
  'our signature and alg none': () => ours({}, { alg: 'none' }),
  'no alg': () => ours({}, { alg: undefined }),
  ...each([null, ['RS256'], 'rs256', 'RS512', 'HS256'], 'our RS256 signature and alg', (alg) => ours({}, { alg })),
  'our PS256 signature and alg RS256': () =>
    ownKeyAs('PS256').then((token) => token.replace(/^[^.]+/, encode({ alg: 'RS256', kid }))),
  'HS256 by our public key as PEM': () => hs256(pem),
  'HS256 by our public key as PEM on one line': () => hs256(pem.replace(/\n/g, '')),
  'HS256 by our public key as JWK': () => hs256(JSON.stringify(publicJwk)),
  'HS256 by our modulus': () => signed('HS256', base64url.decode(publicJwk.n ?? '')),
  'HS256 by our modulus as text': () => hs256(publicJwk.n ?? ''),
  'HS256 by our kid': () => hs256(kid),
  // HMAC pads its key with zeros: one zero byte is the empty key.
  'HS256 by the empty key': () => signed('HS256', new Uint8Array(1)),
  ...each(['RS384', 'RS512', 'PS256', 'PS512'], 'our key and alg', ownKeyAs),
  ...each(['RS256', 'RS384', 'RS512', 'PS256', 'ES256', 'EdDSA'], 'a foreign key under our kid and alg', foreignAs),
  'a foreign key without a kid': () => theirs({}),
  'a foreign key in jwk': () => theirs({ jwk }),
  'a foreign key in jwk under our kid': () => theirs({ jwk: { ...jwk, kid }, kid }),
  'a foreign key in jku': () => theirs({ jku: 'https://keys.example/jwks', kid: 'theirs' }),
  'a foreign key in jku under our kid': () => theirs({ jku: 'https://keys.example/jwks', kid }),
  'a foreign key in x5u': () => theirs({ x5u: 'https://keys.example/x5u', kid }),
  'a foreign key in x5c': () => theirs({ x5c: [btoa('a certificate')], x5t: 'abc', kid }),
  ...each(['unknown', '', '../../dev/null', "' or 1=1 --", 1, {}, null], 'our key under the kid', (value) =>
    ours({}, { kid: value }),
  ),
  'an unknown critical header': () => ours({}, { crit: ['exp'], exp: NOW + 60 }),
  'an empty list of critical headers': () => ours({}, { crit: [] }),
  'crit as a string': () => ours({}, { crit: 'b64', b64: true }),
  'an unencoded payload (b64 false)': () => ours({}, { crit: ['b64'], b64: false }),
}

const wrongClaims: Record<string, Make> = {
  ...each(
    ['http://foreign.example/identity_', `${ISSUER}/`, ISSUER.toUpperCase(), [ISSUER], '', null, ORG_ISSUER],
    'iss',
    (iss) => ours({ iss }),
  ),
  'no iss': () => ours({ iss: undefined }),
  ...each(
    ['UiPath.Orchestrator', 'identityserverapi', 'IdentityServerApi2', '', [], ['Audit'], [AUDIENCES], null, 1, {}],
    'aud',
    (aud) => ours({ aud }),
  ),
  'no aud': () => ours({ aud: undefined }),
  'an expiry one second ago': () => ours({ exp: NOW - 1 }),
  'an expiry this second': () => ours({ exp: NOW }),
  'an expiry long ago': () => ours({ exp: 1 }),
  'no expiry': () => ours({ exp: undefined }),
  ...each([`${NOW + 60}`, 'NaN', 'tomorrow', -1, -NOW, 0, null, true, [NOW + 60], {}], 'exp', (exp) => ours({ exp })),
  'exp NaN unquoted': () => forge(JSON.stringify(claims({ exp: 0 })).replace('"exp":0', '"exp":NaN')),
  'nbf in one second': () => ours({ nbf: NOW + 1 }),
  ...each([`${NOW}`, null, [NOW]], 'nbf', (nbf) => ours({ nbf })),
  'iat as a string': () => ours({ iat: `${NOW}` }),
  'exp beyond every number': () => forge(JSON.stringify(claims()).replace(/"exp":\d+/, '"exp":1e999')),
  ...each([[claims()], '"text"', null, 1, '{"iss":', ''], 'the payload', forge),
}

const wrongForm: Record<string, Make> = {
  'a truncated signature': () => ours().then((token) => token.slice(0, -2)),
  'half of itself': () => ours().then((token) => token.slice(0, token.length / 2)),
  'one character of the header changed': () => rejoin((header, payload, rest) => `${flip(header)}.${payload}.${rest}`),
  'one character of the payload changed': () => rejoin((header, payload, rest) => `${header}.${flip(payload)}.${rest}`),
  'one character of the signature changed': () => ours().then((token) => token.replace(/[^.]+$/, flip)),
  ...each(['B', 'R', 'h', 'x', '_'], 'a signature whose spare bits are not zero, by', (last) =>
    ours().then((token) => token.replace(/.$/, (char) => (char === last ? 'C' : last))),
  ),
  'the payload of another': () => rejoin((header, _, rest) => `${header}.${encode(claims({ jti: 'x' }))}.${rest}`),
  'no payload': () => rejoin((header, _, rest) => `${header}..${rest}`),
  'a header that is no object': () => rejoin((_, payload, rest) => `${encode([])}.${payload}.${rest}`),
  'one part': () => 'token',
  'two parts': () => rejoin((header, payload) => `${header}.${payload}`),
  'four parts': () => ours().then((token) => `${token}.AAAA`),
  'five parts': () => ours().then((token) => `${token}.AAAA.AAAA`),
  'nothing but dots': () => '..',
  '100 KB, rightly signed': () => ours({ filler: 'x'.repeat(100_000) }),
  '100 KB of one letter': () => 'a'.repeat(100_000),
  'characters outside base64url': () => '*.*.*',
  'characters outside ASCII': () => 'Grüße.😀.日本',
  'the JSON form of a JWS': () =>
    rejoin((header, payload, signature) => JSON.stringify({ protected: header, payload, signature })),
}

/** Whole Authorization headers around a right token; none at all for undefined. */
const wrongHeaders: Record<string, (token: string) => string | undefined> = {
  'no header': () => undefined,
  'an empty header': () => '',
  'the scheme alone': () => 'Bearer',
  'no scheme': (token) => token,
  'no space behind the scheme': (token) => `Bearer${token}`,
  'the scheme twice': (token) => `Bearer Bearer ${token}`,
  'two tokens': (token) => `Bearer ${token} ${token}`,
  'two credentials': (token) => `Bearer ${token}, Bearer ${token}`,
  'a quoted token': (token) => `Bearer "${token}"`,
  'the Basic scheme': (token) => `Basic ${token}`,
  'Basic credentials of a client': () => `Basic ${btoa('host-admin:host-admin-secret')}`,
  'the DPoP scheme': (token) => `DPoP ${token}`,
}

beforeEach(() => vi.useFakeTimers({ toFake: ['Date'], now: NOW * 1000 }))
afterEach(() => vi.useRealTimers())

describe('a bearer token is accepted', () => {
  test.each(Object.entries(right))('with %s, and again when it is remembered', async (_, make) => {
    const token = await make()
    expect(await answer(await present(`Bearer ${token}`))).toEqual([])
    expect(await answer(await present(`Bearer ${token}`))).toEqual([])
  })

  test.each(['bearer', 'BEARER', 'bEaReR', 'Bearer  '])('under the scheme `%s`', async (scheme) => {
    expect(await answer(await present(`${scheme} ${await ours()}`))).toEqual([])
  })

  test('once its time has come, though it was refused before', async () => {
    const authorization = `Bearer ${await ours({ nbf: NOW + 60 })}`
    await expectUnauthorized(await present(authorization))
    vi.setSystemTime((NOW + 60) * 1000)
    expect(await answer(await present(authorization))).toEqual([])
  })
})

describe('401 with a challenge and no body for a token', () => {
  test.each(Object.entries({ ...wrongSignature, ...wrongClaims }))('with %s', async (_, make) => {
    await expectUnauthorized(await present(`Bearer ${await make()}`))
  })

  test.each(Object.entries(wrongForm))('that has %s', async (_, make) => {
    await expectUnauthorized(await present(`Bearer ${await make()}`))
  })

  test.each(Object.entries(wrongHeaders))('that comes with %s', async (_, header) => {
    await expectUnauthorized(await present(header(await ours())))
  })

  test('that stands in the query', async () => {
    const token = await ours()
    await expectUnauthorized(
      await present(undefined, partition, `&access_token=${token}&Authorization=Bearer+${token}`),
    )
  })

  test('that was accepted before it expired', async () => {
    const authorization = `Bearer ${await ours({ exp: NOW + 2 })}`
    await answer(await present(authorization))
    vi.setSystemTime((NOW + 2) * 1000 - 1)
    await answer(await present(authorization))
    vi.setSystemTime((NOW + 2) * 1000)
    await expectUnauthorized(await present(authorization))
  })

  const other = 'http://other.example/identity_'
  test.each([{ LOCAL: '' }, { ISSUER }])('that is accepted at another origin of one server with %j', async (vars) => {
    const [here, there] = [await ours(), await ours({ iss: other })]
    await answer(await presentAt(ISSUER, here, vars))
    await expectUnauthorized(await presentAt(ISSUER, there, vars))
    if (vars.ISSUER) return answer(await presentAt(other, here, vars))
    await answer(await presentAt(other, there, vars))
    await expectUnauthorized(await presentAt(other, here, vars))
    return answer(await presentAt(ISSUER, here, vars))
  })
})

describe('200 for a token of a local run', () => {
  const names = [
    '127.0.0.1:8787',
    'localhost:8787',
    '[::1]:8787',
    'tenant.localhost',
    'tenant.example',
    'other.example',
  ]

  test.each(names)('that was got at %s, at every other of its names', async (name) => {
    const token = await ours({ iss: `http://${name}/identity_` })
    for (const host of names) await answer(await presentAt(`http://${host}/identity_`, token))
    await answer(await presentAt(`http://${name}/identity_`, token))
  })
})
