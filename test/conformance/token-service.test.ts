// The rules of the framework behind the real token service (Duende IdentityServer 7.4), as far as its endpoints are served
// here: a row of the table each.
import { env, exports } from 'cloudflare:workers'
import { expect, test } from 'vitest'
import { plantClient } from '../../src/connect/client.seed.ts'
import { Database } from '../../src/database/database.ts'
import { createPartition, ORIGIN } from '../support/tenant.ts'
import { obey, type Rule } from './rule.ts'
import rules from './token-service.rules.json' with { type: 'json' }

const table: readonly Rule[] = rules

const [id, secret] = [`client ${crypto.randomUUID()}`, 'secret']
const scopes = ['PM.Group', 'PM.Setting.Read', 'OR.Execution']
const partition = await createPartition()
await new Database(env.DB).batch(await plantClient({ id, secret, partition, scopes, hostAdmin: false }))

const names = new Map([
  ['id', id],
  ['ID', id.toUpperCase()],
  ['encoded id', encodeURIComponent(id)],
  ['secret', secret],
  ['long', 'a'.repeat(101)],
  ['form', new URLSearchParams({ grant_type: 'client_credentials', client_id: id, client_secret: secret }).toString()],
])
test.each(table)('$verb $endpoint: $rule', async (row) => {
  const { response, text } = await obey(row, names)
  if (!row.endpoint.startsWith('/connect/token')) return
  expect(response.headers.get('Cache-Control')).toContain('no-store')
  expect(response.headers.get('Pragma')).toBe('no-cache')
  expect(response.headers.get('Content-Type')).toMatch(/^application\/json; charset=utf-8$/i)
  if (row.status !== 200) return
  expect(Object.keys(JSON.parse(text))).toEqual(['access_token', 'expires_in', 'token_type', 'scope'])
  if (row.scope) expect(JSON.parse(text).scope).toBe(row.scope)
})

test('the keys come as the framework writes them', async () => {
  const response = await exports.default.fetch(`${ORIGIN}/identity_/.well-known/openid-configuration/jwks`)
  const { keys } = await response.json<{ keys: object[] }>()
  expect(keys.map((key) => Object.keys(key))).toEqual(keys.map(() => ['kty', 'use', 'kid', 'e', 'n', 'alg']))
})
