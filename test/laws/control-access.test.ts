// Which key may call what of the control plane: every operation, with every kind of key, for the caller's own tenant, for
// another one, and for one that there is not. An operation that is missing from the table fails the first test.
import { beforeAll, describe, expect, test, vi } from 'vitest'
import type { CallerKind } from '../../src/control/access/caller.ts'
import { newKey } from '../../src/control/access/key-format.ts'
import { controlApp } from '../../src/control/control.app.ts'
import { CONTROL_TOKEN, isolate } from '../support/control.ts'
import { callsWith, makeKey, makeTenant } from '../support/keys.ts'

const here = isolate('deployed')

/** The least of the keys that may call an operation, and a body that it takes. */
const EXPECTED: Readonly<Record<string, readonly [least: CallerKind, body?: object]>> = {
  'POST /tenants': ['team', {}],
  'GET /tenants': ['tenant'],
  'GET /tenants/:tenant': ['tenant'],
  'DELETE /tenants/:tenant': ['tenant'],
  'POST /tenants/:tenant/sign-ins': ['tenant', { user: 'ada' }],
  'POST /tenants/:tenant/reset': ['tenant'],
  'POST /tenants/:tenant/fork': ['team', {}],
  'GET /tenants/:tenant/snapshots': ['tenant'],
  'PUT /tenants/:tenant/snapshots/:snapshot': ['tenant'],
  'GET /tenants/:tenant/snapshots/:snapshot': ['tenant'],
  'DELETE /tenants/:tenant/snapshots/:snapshot': ['tenant'],
  'POST /tenants/:tenant/snapshots/:snapshot/restore': ['tenant'],
  'GET /tenants/:tenant/dump': ['tenant'],
  'PUT /tenants/:tenant/dump': ['tenant', {}],
  'GET /tenants/:tenant/journal': ['tenant'],
  'GET /tenants/:tenant/journal/count': ['tenant'],
  'GET /tenants/:tenant/journal/wait': ['tenant'],
  'PUT /tenants/:tenant/journal': ['tenant', { enabled: true }],
  'DELETE /tenants/:tenant/journal': ['tenant'],
  'POST /tenants/:tenant/faults': ['tenant', { status: 503 }],
  'GET /tenants/:tenant/faults': ['tenant'],
  'GET /tenants/:tenant/faults/:fault': ['tenant'],
  'DELETE /tenants/:tenant/faults/:fault': ['tenant'],
  'DELETE /tenants/:tenant/faults': ['tenant'],
  'PUT /tenants/:tenant/prefer': ['tenant', { clients: '*' }],
  'POST /tenants/:tenant/tokens': ['tenant', {}],
  'PUT /tenants/:tenant/sign-in': ['tenant', { user: null }],
  'GET /tenants/:tenant/clients': ['tenant'],
  'POST /tenants/:tenant/clients': ['tenant', {}],
  'PATCH /tenants/:tenant/clients/:client': ['tenant', {}],
  'POST /tenants/:tenant/clients/:client/secret': ['tenant'],
  'DELETE /tenants/:tenant/clients/:client': ['tenant'],
  'GET /tenants/:tenant/clock': ['tenant'],
  'PUT /tenants/:tenant/clock': ['tenant', { now: '2030-01-01T00:00:00Z' }],
  'POST /tenants/:tenant/clock/advance': ['tenant', { milliseconds: 1 }],
  'DELETE /tenants/:tenant/clock': ['tenant'],
  'GET /tenants/:tenant/usage': ['tenant'],
  'GET /openapi.json': ['tenant'],
  'GET /openapi.yaml': ['tenant'],
  'GET /keys': ['team'],
  'GET /audit': ['team'],
  'POST /keys': ['root', { team: 'gamma' }],
  'DELETE /keys/:key': ['root'],
  'POST /expired': ['root'],
  'POST /secrets/reseal': ['root', {}],
  'POST /secrets/signing-key/next': ['root'],
  'POST /secrets/signing-key/:kid/sign': ['root'],
  'DELETE /secrets/signing-key/:kid': ['root'],
  'POST /names/fill': ['root', {}],
}

/** One of whom tokens can be asked for. */
const SEEDED = { seed: { users: [{ userName: 'ada' }] } }

/** What is open to those without a key, as it holds no data. */
const OPEN = ['GET /seed.schema.json', 'GET ', 'GET /reference', 'GET /console/:file']

const registered = [
  ...new Set(
    controlApp.routes
      .filter(({ method }) => method !== 'ALL')
      .map(({ method, path }) => `${method} ${path.replace('/_control', '')}`),
  ),
]

const ORDER: readonly CallerKind[] = ['tenant', 'team', 'root']
const KINDS = ['root', 'team', 'tenant'] as const
const WHOSE = ['own', 'other', 'none'] as const

interface World {
  token: Record<CallerKind, string>
  own: string
  other: string
  none: string
}

const world: World = { token: { root: CONTROL_TOKEN, team: '', tenant: '' }, own: '', other: '', none: 'nobody' }

beforeAll(async () => {
  const [alpha, beta] = [await makeKey(here, 'alpha'), await makeKey(here, 'beta')]
  const own = await makeTenant(here, alpha.key, SEEDED)
  world.token = { root: CONTROL_TOKEN, team: alpha.key, tenant: own.key }
  world.own = own.id
  world.other = (await makeTenant(here, beta.key, SEEDED)).id
})

/** The path of an operation with a tenant's id, and with values for its other parameters. */
function pathOf(operation: string, tenant: string) {
  const [, path = ''] = operation.split(' ')
  const filled = path.replace(':tenant', tenant).replace(':key', 'key-aaaaaaaaaaaa').replace(/:\w+/, 'one')
  return filled.endsWith('/wait') ? `${filled}?timeout=0` : filled
}

async function outcomeOf(operation: string, token: string | undefined, tenant: string) {
  const [method = ''] = operation.split(' ')
  const response = await callsWith(here, token)(method, pathOf(operation, tenant), EXPECTED[operation]?.[1])
  const text = await response.text()
  return { status: response.status, text }
}

const NO_TENANT = 'There is no such tenant.'

test('every operation says who may call it', () => {
  expect(registered.toSorted()).toEqual([...Object.keys(EXPECTED), ...OPEN].toSorted())
})

describe.each(Object.entries(EXPECTED))('%s', (operation, [least]) => {
  const isOfTenant = operation.includes(':tenant')

  test.each(KINDS)('with the key of kind %s', async (kind) => {
    const mayCall = ORDER.indexOf(kind) >= ORDER.indexOf(least)
    for (const whose of isOfTenant ? WHOSE : (['own'] as const)) {
      // It is gone afterwards.
      if (operation === 'DELETE /tenants/:tenant' && (whose === 'own' || kind === 'root')) continue
      const { status, text } = await outcomeOf(operation, world.token[kind], world[whose])
      const what = `${kind}, ${whose}: ${status} ${text}`
      if (!mayCall) {
        expect(status, what).toBe(403)
        expect(text, what).toMatch(/ takes (?:a team’s key or )?the control token/)
      } else if (isOfTenant && (whose === 'none' || (whose === 'other' && kind !== 'root'))) {
        expect(status, what).toBe(404)
        expect(text, what).toContain(NO_TENANT)
      } else {
        expect([400, 401, 403, 405, 415, 500, 503], what).not.toContain(status)
        expect(text, what).not.toContain(NO_TENANT)
      }
    }
  })

  test('without a key that counts', async () => {
    const invented = await newKey('team')
    const revoked = await makeKey(here, 'alpha')
    const short = await makeKey(here, 'alpha', {}, 1)
    const child = await makeTenant(here, revoked.key)
    await callsWith(here, CONTROL_TOKEN)('DELETE', `/keys/${revoked.id}`)
    const { team } = world.token
    const now = Date.now()
    vi.useFakeTimers({ toFake: ['Date'], now: now + 1000 })
    const others = [undefined, invented.key, revoked.key, short.key, child.key, `${team}x`, team.slice(0, -1)]
    for (const token of [...others, team.toUpperCase(), team.replace('team', 'tenant'), `${CONTROL_TOKEN} ${team}`]) {
      expect((await outcomeOf(operation, token, world.own)).status, token).toBe(401)
    }
    vi.useRealTimers()
  })
})

test.each(KINDS)('its own tenant is removed with the key of kind %s', async (kind) => {
  const { id, key } = await makeTenant(here, world.token.team)
  const token = kind === 'tenant' ? key : world.token[kind]
  expect((await outcomeOf('DELETE /tenants/:tenant', token, id)).status).toBe(204)
})
