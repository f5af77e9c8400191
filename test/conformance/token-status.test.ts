// The rules of introspection, revocation and userinfo (Duende IdentityServer 7.4): a row of the table each.
import { env } from 'cloudflare:workers'
import { generateKeyPair, jwtVerify, SignJWT } from 'jose'
import { expect, test } from 'vitest'
import { keyRing } from '../../src/auth/keys.ts'
import { plantClient } from '../../src/connect/client.seed.ts'
import { Database } from '../../src/database/database.ts'
import { adminOf, answer, call, createPartition, ISSUER, mint } from '../support/tenant.ts'
import { type Names, obey, type Rule } from './rule.ts'
import rules from './token-status.rules.json' with { type: 'json' }

const table: readonly Rule[] = rules

const [id, secret] = [`client ${crypto.randomUUID()}`, 'secret']
const partition = await createPartition()
const scopes = ['PM.Group', 'PM.Setting.Read']
await new Database(env.DB).batch(await plantClient({ id, secret, partition, scopes, hostAdmin: false }))

const admin = await adminOf(partition)
const addUser = async (given: object) =>
  answer<unknown>(await call('POST', '/api/User', { token: admin, json: { partitionGlobalId: partition, ...given } }))
const ann = { id: crypto.randomUUID(), userName: 'ann', email: 'ann@example.com', name: 'Ann', surname: 'Lee' }
const idle = { id: crypto.randomUUID(), userName: 'idle', email: 'idle@example.com' }
await addUser({ ...ann, displayName: 'Ann Lee' })
await addUser(idle)
await answer(await call('PUT', `/api/User/${idle.id}`, { token: admin, json: { isActive: false } }))

const own = { client_id: id, prt_id: partition, sub: id, sub_type: 'service.external', scope: scopes }
const past = { exp: 1_700_000_000, nbf: 1_600_000_000, iat: 1_600_000_000 }
const foreign = await generateKeyPair('RS256')
const { signing } = await keyRing(env)
const forged = () =>
  new SignJWT({ iss: ISSUER, exp: 9e9, ...own })
    .setProtectedHeader({ alg: 'RS256', kid: signing.kid })
    .sign(foreign.privateKey)
const ofUser = (sub: string, scope = ['openid', 'PM.User.Read']) => mint({ ...own, sub, sub_type: 'user', scope })

const names: Names = new Map([
  ['encoded id', encodeURIComponent(id)],
  ['secret', secret],
  ['partition', partition],
  ['ann', ann.id],
  ['token', await mint(own)],
  ['another token', await mint({ ...own, client_id: 'another' })],
  ['foreign token', await mint({ ...own, prt_id: await createPartition() })],
  ['expired token', await mint({ ...own, ...past })],
  ['forged token', await forged()],
  ['issuer token', await mint({ ...own, iss: 'http://foreign.example/identity_' })],
  ['user token', await ofUser(ann.id)],
  ['closed user token', await ofUser(ann.id, ['PM.User.Read'])],
  ['gone user token', await ofUser(crypto.randomUUID())],
  ['inactive user token', await ofUser(idle.id)],
])

test.each(table)('$verb $endpoint: $rule', async (row) => {
  const { response, text } = await obey(row, names)
  expect(response.headers.get('Cache-Control')).toBe('no-store')
  if (row.active === undefined) return
  const { scope: _, ...claims } = own
  const { active, scope, token_type, ...others } = JSON.parse(text)
  expect({ active, scope, token_type }).toEqual({ active: true, scope: scopes.join(' '), token_type: 'access_token' })
  expect(others).toMatchObject({ ...claims, iss: ISSUER })
  expect(Object.keys(JSON.parse(text)).slice(-3)).toEqual(['token_type', 'active', 'scope'])
})

test('POST /connect/introspect: a signed answer, where it is asked for', async () => {
  const type = 'application/token-introspection+jwt'
  const body = new URLSearchParams({ client_id: id, client_secret: secret, token: await mint(own) })
  const form = { 'Content-Type': 'application/x-www-form-urlencoded' }
  const response = await call('POST', '/connect/introspect', { json: `${body}`, headers: { ...form, Accept: type } })
  const { payload, protectedHeader } = await jwtVerify(await response.text(), (await keyRing(env)).verificationKey)
  expect([response.headers.get('Content-Type'), protectedHeader.typ]).toEqual([type, 'token-introspection+jwt'])
  expect(payload).toMatchObject({ iss: ISSUER, aud: id, token_introspection: { active: true, client_id: id } })
})
