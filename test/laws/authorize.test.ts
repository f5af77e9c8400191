// What each role of a contract opens, over every set of roles, for operations made for it.
import { createExecutionContext } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { Hono } from 'hono'
import { expect, test } from 'vitest'
import { ADMINISTRATORS } from '../../src/auth/administrators.ts'
import { authorize } from '../../src/auth/authorize.ts'
import { reachEveryPartition, reachPartition } from '../../src/auth/reach-partition.ts'
import type { Role } from '../../src/auth/roles.ts'
import type { AppEnv } from '../../src/database/session.ts'
import { answerRefusal, Refusal } from '../../src/http/refusal.ts'
import { findPartition } from '../../src/partitions/find-partition.ts'
import { adminOf, answer, call, createPartition, mint, ORIGIN, user } from '../support/tenant.ts'

const ROLES: Role[] = ['host administrator', 'organization administrator', 'application', 'user', 'self']

/** Every set of roles but the empty one, which has no type. */
const SETS = Array.from({ length: 2 ** ROLES.length - 1 }, (_, index) =>
  ROLES.filter((_, bit) => ((index + 1) >> bit) & 1),
).flatMap(([first, ...others]) => (first ? [[first, ...others] as const] : []))

const partition = await createPartition({ entities: [user('boss'), user('plain'), user('former')] })
const administrators = { name: 'Administrators', directoryUserIDsToAdd: ['boss', 'former'] }
const token = await adminOf(partition)
await answer(await call('PUT', `/api/Group/${partition}/${ADMINISTRATORS}`, { token, json: administrators }))
await answer(await call('DELETE', '/api/User/former', { token }), 204)

/** Claims, and the roles that each of them is, beside that of a user for itself. */
const CALLERS: [string, { sub?: string; sub_type?: string; host?: string }, Role[]][] = [
  ['a host administrator', { host: 'True' }, ['host administrator']],
  ['a host administrator who is a user', { host: 'True', sub: 'plain' }, ['host administrator']],
  ['an application', {}, ['application']],
  ['an application by its id', { sub: 'test-client' }, ['application']],
  ['an application by its type', { sub: 'test-client', sub_type: 'service.external' }, ['application']],
  ['an application with the id of a user', { sub: 'plain', sub_type: 'service.external' }, ['application']],
  ['a user by its type', { sub: 'plain', sub_type: 'user' }, ['user']],
  ['a user with the id of the application', { sub: 'test-client', sub_type: 'user' }, ['user']],
  ['an administrator of the organization', { sub: 'boss' }, ['organization administrator', 'user']],
  ['a user never known', { sub: 'stranger' }, ['user']],
  ['a user', { sub: 'plain' }, ['user']],
  ['a deleted user', { sub: 'former' }, ['user']],
]

/** An app with one operation for the roles; `passes` is whether its handler says whose it is. */
function appFor(callers: (typeof SETS)[number], passes: boolean) {
  const app = new Hono<AppEnv>().get(
    '/:userId',
    authorize({ operationId: 'Any', summary: 'Any.', scopes: [], callers, owner: 'userId' }),
    async (c) => {
      const owner = passes ? { owner: c.req.param('userId') } : {}
      const { database } = await reachPartition(c, partition, owner)
      await findPartition(database, partition)
      return c.json(reachEveryPartition(c) ? 'every partition' : 'one')
    },
  )
  app.onError((error, c) => (error instanceof Refusal ? answerRefusal(c, error.reason) : c.text(String(error), 500)))
  return (path: string, bearer: string) =>
    app.request(`${ORIGIN}${path}`, { headers: { Authorization: `Bearer ${bearer}` } }, env, createExecutionContext())
}

test.each(CALLERS)('%s may call what names one of its roles', async (_, claims, roles) => {
  const bearer = await mint({ prt_id: partition, scope: [], ...claims })
  const isUser = claims.host === undefined && roles.includes('user')
  for (const callers of SETS) {
    for (const passes of [true, false]) {
      const request = appFor(callers, passes)
      for (const userId of ['plain', 'boss', 'former', 'stranger']) {
        // A handler that forgets to say whose it is opens nothing.
        const itself = isUser && passes && userId === claims.sub && callers.includes('self')
        const open = itself || roles.some((role) => callers.includes(role))
        const response = await request(`/${userId}`, bearer)
        const body: unknown = await response.json()
        expect([callers, passes, userId, response.status]).toEqual([callers, passes, userId, open ? 200 : 403])
        if (open) expect(body).toBe(claims.host ? 'every partition' : 'one')
      }
    }
  }
})
