// Attacks by those who hold a team's key or a tenant's: against tenants of others, the operator, expired tenants and accounts
// that are gone. Each is refused, or reaches nothing but what is the attacker's own; nothing of the victim has changed in the end.
import { env } from 'cloudflare:workers'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { HOST_PARTITION } from '../../src/partitions/partition.table.ts'
import { CONTROL_TOKEN, type CreatedTenant, isolate } from '../support/control.ts'
import { callsWith, type MadeKey, makeKey, makeTenant } from '../support/keys.ts'
import { answer, type Call } from '../support/tenant.ts'

const here = isolate('deployed')
const SECRET = 'what-the-victim-keeps'
const CLIENT = 'victim-client'

let team: MadeKey
let others: MadeKey
let own: CreatedTenant
let sibling: CreatedTenant
let victim: CreatedTenant
let before: unknown

/** All of the victim that an attack could change. */
async function stateOfVictim() {
  const root = callsWith(here, CONTROL_TOKEN)
  const paths = ['', '/dump', '/faults', '/snapshots', '/journal?limit=1']
  const read = async (path: string) => answer(await root('GET', `/tenants/${victim.id}${path}`))
  const keys = await env.DB.prepare("select id from control_keys where team = 'others' order by id").all()
  const clients = await env.DB.prepare('select * from clients where partition_id = ?').bind(victim.id).all()
  return [await Promise.all(paths.map(read)), keys.results, clients.results]
}

beforeAll(async () => {
  team = await makeKey(here, 'attackers')
  others = await makeKey(here, 'others')
  own = await makeTenant(here, team.key, { name: 'attackers-own' })
  sibling = await makeTenant(here, team.key, { name: 'attackers-second' })
  const seed = {
    users: [{ userName: 'vic', email: 'vic@victim.example' }],
    settings: [{ key: 'Email.Smtp.Password', value: SECRET }],
    clients: [{ id: CLIENT, secret: 'a-secret-of-the-victim' }],
  }
  victim = await makeTenant(here, others.key, { name: 'victims-own', seed })
  before = await stateOfVictim()
})

afterAll(async () => {
  expect(await stateOfVictim()).toEqual(before)
})

/** An attack: with the team's key, unless `by` says otherwise. `V` in a path is the victim's id, `O` the attacker's tenant. */
type Attack = readonly [method: string, path: string, status: number, json?: unknown, by?: 'tenant' | 'nobody']

const filled = (path: string) =>
  path
    .replace(/\bV\b/, victim.id)
    .replace(/\bO\b/, own.id)
    .replace(/\bS\b/, sibling.id)
    .replace('KEY', team.key)
    .replace('TKID', others.id)

async function run([method, path, , json, by]: Attack, more: Call = {}) {
  const token = { tenant: own.key, nobody: undefined, team: team.key }[by ?? 'team']
  const response = await here.send(method, `/_control${filled(path)}`, { token, json, ...more })
  return { status: response.status, text: await response.text() }
}

const ON_OTHERS: readonly Attack[] = [
  ['GET', '/tenants/victims-own', 404],
  ['GET', '/tenants/VICTIMS-OWN', 404],
  ['GET', '/tenants/V', 404],
  ['GET', '/tenants/%20V', 404],
  ['GET', '/tenants/V/dump', 404],
  ['GET', '/tenants/victims-own/dump?only=settings', 404],
  ['GET', '/tenants/V/journal', 404],
  ['GET', '/tenants/V/journal/wait?timeout=0', 404],
  ['GET', '/tenants/V/snapshots/any', 404],
  ['PUT', '/tenants/V/snapshots/any', 404],
  ['GET', '/tenants/V/usage', 404],
  ['POST', '/tenants/V/fork', 404, {}],
  ['POST', `/tenants/${HOST_PARTITION}/fork`, 404, {}],
  ['POST', '/tenants/magic-7/fork', 404, {}],
  ['GET', '/tenants/hogwarts/dump', 404],
  ['PUT', `/tenants/${HOST_PARTITION}/dump`, 404, {}],
  ['PUT', '/tenants/V/dump', 404, {}],
  ['POST', '/tenants/V/reset', 404],
  ['DELETE', '/tenants/V', 404],
  ['DELETE', '/tenants/V', 404, undefined, 'tenant'],
  ['POST', '/tenants/V/tokens', 404, {}],
  ['POST', '/tenants/V/tokens', 404, {}, 'tenant'],
  ['POST', '/tenants/V/faults', 404, { status: 503 }],
  ['PUT', '/tenants/V/clock', 404, { now: '2000-01-01T00:00:00Z' }],
  ['PUT', '/tenants/V/prefer', 404, { clients: '*' }],
  ['PUT', '/tenants/V/journal', 404, { enabled: false }],
  ['GET', '/tenants/O/../V/dump', 404],
  ['GET', '/tenants/O%2F..%2FV/dump', 404],
  ['GET', '/tenants//V/dump', 404],
  ['GET', '/tenants/%25', 404],
  ['GET', "/tenants/'%20or%201=1%20--", 404],
  ['GET', '/tenants/S', 404, undefined, 'tenant'],
  ['GET', '/tenants/S/dump', 404, undefined, 'tenant'],
  ['DELETE', '/tenants/S', 404, undefined, 'tenant'],
]

const FOR_MORE: readonly Attack[] = [
  ['POST', '/keys', 403, { team: 'attackers' }],
  ['POST', '/keys', 403, { team: 'others' }, 'tenant'],
  ['DELETE', '/keys/TKID', 403],
  ['DELETE', '/keys/TKID', 403, undefined, 'tenant'],
  ['GET', '/keys', 403, undefined, 'tenant'],
  ['GET', '/audit', 403, undefined, 'tenant'],
  ['POST', '/expired', 403],
  ['POST', '/secrets/reseal', 403, {}],
  ['POST', '/secrets/signing-key/next', 403],
  ['POST', '/names/fill', 403, {}],
  ['POST', '/tenants', 403, {}, 'tenant'],
  ['POST', '/tenants/O/fork', 403, {}, 'tenant'],
  ['GET', '/tenants/O/dump?passwordHashes=true', 403],
  ['GET', '/tenants/O/dump?passwordHashes=true', 403, undefined, 'tenant'],
  ['POST', '/tenants', 409, { name: 'victims-own' }],
  ['POST', '/tenants', 409, { seed: { clients: [{ id: CLIENT, secret: 'a-secret-of-attackers' }] } }],
  ['PUT', '/tenants/O/dump', 409, { clients: [{ id: CLIENT, secret: 'a-secret-of-attackers' }] }, 'tenant'],
  ['POST', '/tenants', 400, { team: 'others' }],
  ['POST', '/tenants', 400, { keyId: 'key-aaaaaaaaaaaa' }],
  ['POST', '/tenants', 400, { limits: { rows: 9_000_000 } }],
  ['POST', '/tenants', 400, { maxRows: 9_000_000 }],
  ['POST', '/tenants', 400, { id: 'V' }],
  ['POST', '/tenants', 400, { ttl: 604_801 }],
  ['POST', '/tenants/O/fork', 400, { source: 'victims-own' }],
  ['POST', '/tenants/O/fork', 400, { ttl: 31_536_000 }],
  ['PUT', '/tenants/O/snapshots/loading%20x', 400],
  ['POST', '/tenants/O/tokens', 403, { claims: { prt_id: 'magic-7' } }],
  ['POST', '/tenants/O/tokens', 403, { claims: { host: 'True' } }],
  ['POST', '/tenants/O/tokens', 403, { claims: { host: 'true' } }, 'tenant'],
  ['POST', '/tenants/O/tokens', 403, { claims: { iss: 'https://elsewhere.example' } }],
  ['POST', '/tenants/O/tokens', 403, { claims: { sub_type: 'user', sub: 'vic' } }],
  ['POST', '/tenants/O/tokens', 403, { claims: { organization_id: 'magic-7' } }],
  ['POST', '/tenants/O/tokens', 403, { claims: { prt_id: null, organization_id: 'magic-7' } }, 'tenant'],
  ['POST', '/tenants/O/tokens', 403, { claims: { prt_id: null } }],
  ['POST', '/tenants/O/tokens', 403, { claims: { sub_type: null } }],
  ['GET', '/tenants?key=KEY', 401, undefined, 'nobody'],
  ['GET', '/tenants?access_token=KEY', 401, undefined, 'nobody'],
  ['GET', '/tenants?token=KEY', 401, undefined, 'nobody'],
  ['POST', '/tenants', 401, { key: 'KEY', controlToken: 'KEY' }, 'nobody'],
]

describe.each<[string, readonly Attack[]]>([
  ['what is another’s', ON_OTHERS],
  ['more than the key is for', FOR_MORE],
])('%s', (_, attacks) => {
  test.each(attacks.map((attack) => [JSON.stringify(attack), attack] as const))('%s', async (_, attack) => {
    const { status, text } = await run(attack)
    expect(status, text).toBe(attack[2])
    for (const secret of [SECRET, victim.id, others.key, victim.key]) expect(text).not.toContain(secret)
  })
})

describe('what is no key', () => {
  test.each<[string, (key: string) => Record<string, string>]>([
    ['a key in Basic', (key) => ({ Authorization: `Basic ${btoa(`key:${key}`)}` })],
    ['a key in a cookie', (key) => ({ Cookie: `key=${key}` })],
    ['a key in another header', (key) => ({ 'X-Control-Token': key, 'X-Api-Key': key })],
    ['a key and another', (key) => ({ Authorization: `Bearer ${key} ${key}` })],
    ['a key without its kind', (key) => ({ Authorization: `Bearer ${key.replace('ie_team_', '')}` })],
    ['a key of another kind', (key) => ({ Authorization: `Bearer ${key.replace('team', 'tenant')}` })],
    ['a key with another checksum', (key) => ({ Authorization: `Bearer ${key.slice(0, -6)}AAAAAA` })],
    ['a key in small letters', (key) => ({ Authorization: `Bearer ${key.toLowerCase()}` })],
    ['the id of a key', () => ({ Authorization: `Bearer ${team.id}` })],
  ])('%s', async (_, headers) => {
    expect((await here.send('GET', '/_control/tenants', { headers: headers(team.key) })).status).toBe(401)
  })

  test('the hash of a key, and an invented one, are refused without asking the database', async () => {
    const hash = await env.DB.prepare('select hash from control_keys where id = ?').bind(team.id).first<string>('hash')
    const withSession = () => {
      throw new Error('the database was asked')
    }
    const { send } = isolate('deployed', { DB: Object.assign(Object.create(env.DB), { withSession }) })
    vi.spyOn(console, 'error').mockImplementation(() => {})
    for (const token of [hash ?? '', `ie_team_${'A'.repeat(49)}`]) {
      expect((await send('GET', '/_control/tenants', { token })).status).toBe(401)
    }
    vi.restoreAllMocks()
  })

  test('a key is none for the API, nor the secret of a client', async () => {
    for (const token of [team.key, own.key]) {
      expect((await here.call('GET', `/api/Group/${own.id}`, { token })).status).toBe(401)
      const json = `grant_type=client_credentials&client_id=${CLIENT}&client_secret=${token}`
      const headers = { 'Content-Type': 'application/x-www-form-urlencoded' }
      expect((await here.call('POST', '/connect/token', { json, headers })).status).toBe(400)
    }
  })
})

describe('what an attacker is given reaches nothing of the victim', () => {
  const minted = async (json: object) =>
    (await answer<{ token: string }>(await callsWith(here, own.key)('POST', `/tenants/${own.id}/tokens`, json), 201))
      .token

  test.each([
    {},
    { claims: { PRT_ID: 'V', Host: 'True', hostAdmin: true } },
    { claims: { sub: 'vic', client_id: CLIENT } },
    { claims: { scope: ['PM.Everything', 'PM.Group', 'PM.Setting'] }, expiresIn: 315_360_000 },
  ])('a token with %j', async (json) => {
    const token = await minted(JSON.parse(JSON.stringify(json).replace('"V"', `"${victim.id}"`)))
    for (const partition of [victim.id, victim.id.toUpperCase(), HOST_PARTITION, 'magic-7']) {
      expect((await here.call('GET', `/api/Group/${partition}`, { token })).status).toBe(403)
      const put = { partitionGlobalId: partition, settings: [{ key: 'k', value: 'v' }] }
      expect((await here.call('PUT', '/api/Setting', { token, json: put })).status).toBe(403)
    }
  })

  test('a user of another tenant is none of this one', async () => {
    const json = { user: victim.users[0]?.id }
    await answer(await callsWith(here, own.key)('POST', `/tenants/${own.id}/tokens`, json), 400)
  })

  test('a tenant that is named as the victim’s id does not stand before it', async () => {
    const { id } = await makeTenant(here, team.key, { name: victim.id })
    const found = async (key: string) =>
      (await answer<{ id: string }>(await callsWith(here, key)('GET', `/tenants/${victim.id}`))).id
    expect(await found(team.key)).toBe(id)
    expect(await found(others.key)).toBe(victim.id)
    expect(await found(victim.key)).toBe(victim.id)
    expect(await found(CONTROL_TOKEN)).toBe(victim.id)
  })

  test('a sealed text of the victim’s is a text like any other', async () => {
    const sealed = await env.DB.prepare("select value from settings where partition_id = ? and key like 'Email%'")
      .bind(victim.id)
      .first<string>('value')
    const settings = [{ key: 'Email.Smtp.Password', value: sealed }]
    const plane = callsWith(here, own.key)
    await answer(await plane('PUT', `/tenants/${own.id}/dump`, { settings }), 204)
    expect(await answer(await plane('GET', `/tenants/${own.id}/dump`))).toMatchObject({ settings })
  })
})
