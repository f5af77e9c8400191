// What somebody gets who mistypes a request to the control plane: a refusal that says what was meant, and nothing changed.
import { beforeAll, describe, expect, test } from 'vitest'
import { controlApp } from '../../src/control/control.app.ts'
import { operations } from '../../src/http/contract.ts'
import { CONTROL_TOKEN, type CreatedTenant, isolate } from '../support/control.ts'
import { answer } from '../support/tenant.ts'

const here = isolate('embedded')
let tenant: CreatedTenant

beforeAll(async () => {
  tenant = await here.create({
    name: 'misused',
    journal: true,
    seed: {
      users: [{ id: 'lun-1302', userName: 'luna' }],
      clients: [{ id: 'misused-app', secret: 'misused-secret' }],
    },
  })
})

/** All that a request to the plane can change. */
async function everything() {
  const paths = ['/tenants', '/dump', '/faults', '/journal', '/clock', '/snapshots'].map((path) =>
    path === '/tenants' ? path : `/tenants/${tenant.id}${path}`,
  )
  const read = async (path: string) => [path, await answer(await here.control('GET', path))]
  const state = Object.fromEntries(await Promise.all(paths.map(read)))
  return { ...state, [`/tenants/${tenant.id}/clock`]: undefined }
}

type Misuse = [method: string, path: string, body: unknown, ...said: string[]]

const CREATE = ['POST', '/tenants'] as const
const FAULT = ['POST', '/tenants/misused/faults'] as const
const TOKEN = ['POST', '/tenants/misused/tokens'] as const
const LOAD = ['PUT', '/tenants/misused/dump'] as const
const journal = (query: string, part = '') => ['GET', `/tenants/misused/journal${part}?${query}`, undefined] as const

const MISUSES: Misuse[] = [
  // Making tenants
  [...CREATE, { nmae: 'x' }, 'nmae is not known; did you mean name?'],
  [...CREATE, { Name: 'x' }, 'Name is not known; did you mean name?'],
  [...CREATE, { tll: 5 }, 'tll is not known; did you mean ttl?'],
  [...CREATE, { jorunal: true }, 'jorunal is not known; did you mean journal?'],
  [...CREATE, { whatever: 1 }, 'whatever is not known; there are name, ttl, seed, journal, passwordless and tokens.'],
  [...CREATE, { seed: { user: [] } }, 'seed.user is not known; did you mean users?'],
  [
    ...CREATE,
    { seed: { users: [{ userName: 'a' }, { userNme: 'b' }] } },
    'seed.users[1].userNme is not known; did you mean userName?',
  ],
  [
    ...CREATE,
    { seed: { groups: [{ name: 'g', member: [] }] } },
    'seed.groups[0].member is not known; did you mean members?',
  ],
  [
    ...CREATE,
    { seed: { settings: [{ key: 'k', val: 'v' }] } },
    'seed.settings[0].val is not known; did you mean value?',
  ],
  [...CREATE, { seed: { robots: [] } }, 'seed.robots is not known', 'robotAccounts'],
  [
    ...CREATE,
    { seed: { robotAccounts: [{ name: 'r', dislayName: 'R' }] } },
    'seed.robotAccounts[0].dislayName is not known; did you mean displayName?',
  ],
  [
    ...CREATE,
    { seed: { clients: [{ scopes: ['PM.Setting', 'PM.Grup'] }] } },
    'seed.clients[0].scopes[1]: there is no scope PM.Grup; did you mean PM.Group?',
  ],
  [...CREATE, { seed: { clients: [{ secrets: 'x' }] } }, 'seed.clients[0].secrets is not known; did you mean secret?'],
  ['POST', '/tenants?name=x', {}, 'name is not known.'],
  ['GET', '/tenants?limit=1', undefined, 'limit is not known; there are all and skip.'],
  [
    'POST',
    '/tenants/misused/fork',
    { seed: {} },
    'seed is not known; there are name, ttl, journal, passwordless and tokens.',
  ],
  ['POST', '/tenants/misused/reset', { snapshot: 'one' }, 'snapshot is not known.'],
  ['POST', '/tenants/misused/reset', [1], 'There is nothing to say in a body here.'],
  ['PUT', '/tenants/misused/snapshots/one', { name: 'two' }, 'name is not known.'],
  [...CREATE, JSON.parse('{"__proto__":{"name":"x"}}'), '__proto__ is not known'],
  // Loading them
  [...LOAD, { users: [{ userName: 'a', eMail: 'b' }] }, 'users[0].eMail is not known; did you mean email?'],
  [
    ...LOAD,
    { applications: [{ name: 'a', applicationID: 'b' }] },
    'applications[0].applicationID is not known; did you mean applicationId?',
  ],
  [...LOAD, { formerUser: [] }, 'formerUser is not known; did you mean formerUsers?'],
  // Faults
  [
    ...FAULT,
    { operation: 'Setting_GetSettings', status: 503 },
    'there is no operation Setting_GetSettings; did you mean Setting_GetSettingsBulk?',
  ],
  [
    ...FAULT,
    { operation: 'Group_Update', status: 503 },
    'there is no operation Group_Update; did you mean Group_UpdateGroup?',
  ],
  [...FAULT, { operation: 'createTenant', status: 503 }, 'there is no operation createTenant'],
  [...FAULT, { method: 'PSOT', status: 503 }, 'there is no method PSOT; did you mean POST?'],
  [
    ...FAULT,
    { operation: 'Setting_UpdateSettings', method: 'GET', status: 503 },
    'method is never GET where operation is Setting_UpdateSettings.',
  ],
  [
    ...FAULT,
    { status: 503, time: 1, ttll: 5 },
    'time is not known; did you mean times?',
    'ttll is not known; did you mean ttl?',
  ],
  [...FAULT, { statusCode: 503 }, 'statusCode is not known; did you mean status?'],
  [...FAULT, { kind: 'dorp' }, 'there is no kind dorp; did you mean drop?'],
  [...FAULT, { kind: 'rate-limit' }, 'there is no kind rate-limit; did you mean rateLimit?'],
  [...FAULT, {}, 'The fault does nothing: it takes status, body, kind or delay.'],
  [...FAULT, { operation: 'Setting_UpdateSettings', times: 1 }, 'The fault does nothing'],
  [...FAULT, { delay: 0 }, 'The fault does nothing'],
  [...FAULT, { headers: { 'X-Pot': 'tea' } }, 'headers means nothing without status, body or kind.'],
  [...FAULT, { status: 503, limit: 3 }, 'limit means nothing beside kind status.'],
  [...FAULT, { limit: 3 }, 'limit means nothing without kind rateLimit.'],
  [...FAULT, { kind: 'drop', status: 503 }, 'status means nothing beside kind drop.'],
  [...FAULT, { kind: 'truncate', body: {} }, 'body means nothing beside kind truncate.'],
  [...FAULT, { kind: 'rateLimit', times: 3 }, 'times means nothing beside kind rateLimit.'],
  [...FAULT, { delay: { min: 20, max: 10 } }, 'delay.min is greater than delay.max.'],
  [...FAULT, { delay: { mn: 1, max: 10 } }, 'delay.mn is not known; did you mean min?'],
  [...FAULT, { status: 503, probability: 0 }, 'A fault of probability 0 meets nothing.'],
  [...FAULT, { status: 503, seed: 7 }, 'seed means nothing without probability.'],
  [...FAULT, { status: 204, body: 'x' }, 'An answer of status 204 has no body.'],
  ['DELETE', '/tenants/misused/faults?operation=Setting_UpdateSettings', undefined, 'operation is not known.'],
  // The journal
  [...journal('operatoin=Setting_UpdateSettings'), 'operatoin is not known; did you mean operation?'],
  [...journal('Status=200'), 'Status is not known; did you mean status?'],
  [
    ...journal('operation=Setting_UpdateSetting'),
    'there is no operation Setting_UpdateSetting; did you mean Setting_UpdateSettings?',
  ],
  [...journal('method=POTS'), 'there is no method POTS; did you mean'],
  [
    ...journal('clientId=x'),
    'clientId is not known; there are operation, method, status, path, principal, since, before and limit.',
  ],
  [...journal('status=200&status=201'), 'status is there more than once.'],
  [...journal('count=2', '/count'), 'count is not known'],
  [...journal('timout=1', '/wait'), 'timout is not known; did you mean timeout?'],
  ['PUT', '/tenants/misused/journal', { enabeld: false }, 'enabeld is not known; did you mean enabled?'],
  // Tokens
  [...TOKEN, { scope: ['PM.Group'] }, 'scope is not known; did you mean scopes?'],
  [
    ...TOKEN,
    { scopes: ['PM.Groups'] },
    'there is no scope PM.Groups; did you mean PM.Group?',
    '"claims":{"scope":["…"]}',
  ],
  [...TOKEN, { user: 'luna' }, 'there is no user luna; did you mean lun-1302, luna?', '"claims":{"sub":"…"'],
  [...TOKEN, { user: 'nobody-at-all' }, 'there is no user nobody-at-all.'],
  [...TOKEN, { broken: 'expird' }, 'broken: there is no value expird; did you mean expired?'],
  [...TOKEN, { expiresin: 5 }, 'expiresin is not known; did you mean expiresIn?'],
  // Preferences, the clock, keys
  [
    'PUT',
    '/tenants/misused/prefer',
    { clients: ['misused-ap'] },
    'clients[0]: there is no client misused-ap; did you mean misused-app?',
  ],
  ['PUT', '/tenants/misused/prefer', { client: '*' }, 'client is not known; did you mean clients?'],
  [
    'PUT',
    '/tenants/misused/clock',
    { now: '2021-10-20T12:00:00Z', frozn: false },
    'frozn is not known; did you mean frozen?',
  ],
  ['POST', '/tenants/misused/clock/advance', { milliseconds: 5, seconds: 1 }, 'seconds is not known', 'milliseconds'],
  [
    'POST',
    '/names/fill',
    { from: { database: 0, kind: 'email', afer: 0 } },
    'from.afer is not known; did you mean after?',
  ],
  ['POST', '/secrets/reseal', { from: { database: 0, afer: 0 } }, 'from.afer is not known; did you mean after?'],
]

describe('a misuse is refused with what was meant, and changes nothing', () => {
  test.each(MISUSES)('%s %s %j', async (method, path, body, ...said) => {
    const before = await everything()
    const response = await here.control(method, path, body)
    expect(response.headers.get('Content-Type')).toBe('application/problem+json; charset=utf-8')
    const problem = await answer<{ detail: string }>(response, 400)
    expect(problem).toMatchObject({ type: 'about:blank', title: 'Bad Request', status: 400 })
    for (const words of said) expect(problem.detail).toContain(words)
    expect(await everything()).toEqual(before)
  })

  test('there are enough of them to be an example', () => {
    expect(MISUSES.length).toBeGreaterThanOrEqual(40)
  })
})

const named = operations(controlApp).map((operation) => [operation.contract.operationId, operation] as const)
const pathOf = (path: string) => path.replace(/:tenant/, 'misused').replace(/:\w+/, 'one')

describe('every operation', () => {
  test.each(named)('%s refuses a parameter it does not know', async (_, { method, path }) => {
    const response = await here.send(method, `${pathOf(path)}?unknwon=1`, { token: CONTROL_TOKEN })
    expect(await answer(response, 400)).toMatchObject({ detail: expect.stringContaining('unknwon is not known') })
  })

  test.each(named.filter(([, { method }]) => method !== 'GET'))(
    '%s refuses a property it does not know',
    async (_, operation) => {
      const response = await here.send(operation.method, pathOf(operation.path), {
        token: CONTROL_TOKEN,
        json: { unknwon: 1 },
      })
      expect(await answer(response, 400)).toMatchObject({ detail: expect.stringContaining('unknwon is not known') })
    },
  )
})

test('objections are told in full, and told again field by field', async () => {
  const users = Array.from({ length: 8 }, (_, index) => ({ userName: `u${index}`, mail: 'x' }))
  const refused = await answer<{ detail: string; errors: object }>(
    await here.control('POST', '/tenants', { seed: { users } }),
    400,
  )
  expect(refused.detail).toMatch(/^seed\.users\[0\]\.mail is not known; did you mean email\? .* And 3 more\.$/)
  expect(Object.keys(refused.errors)).toHaveLength(8)
})

describe('what is odd on purpose', () => {
  test('a scope that there is not, and a user that there is not, go into the claims', async () => {
    const claims = { scope: ['OR.Jobs'], sub: 'nobody', sub_type: 'user' }
    await answer(await here.control('POST', '/tenants/misused/tokens', { claims }), 201)
  })

  test('operations and methods may be written in any case', async () => {
    const fault = { operation: 'setting_updatesettings', method: 'put', delay: { min: 1, max: 2 } }
    const { id } = await answer<{ id: string }>(await here.control('POST', '/tenants/misused/faults', fault), 201)
    expect((await here.control('DELETE', `/tenants/misused/faults/${id}`)).status).toBe(204)
  })

  test('an empty object says nothing', async () => {
    expect((await here.control('POST', '/tenants/misused/reset', {})).status).toBe(204)
  })
})
