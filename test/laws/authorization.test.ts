// Who may call what: operation, scope, role and partition, each with each, held against what the contracts say. No
// operation is named here.
import { beforeAll, describe, expect, test } from 'vitest'
import { app } from '../../src/app.ts'
import { ADMINISTRATORS } from '../../src/auth/administrators.ts'
import { SCOPES } from '../../src/auth/scopes.ts'
import type { Operation } from '../../src/http/contract.ts'
import { BASE_PATH } from '../../src/http/path.ts'
import { HOST_PARTITION } from '../../src/partitions/partition.table.ts'
import { all, named, refusedWithProblem, send } from '../support/every-operation.ts'
import { plantSettings, plantTargets, type Target } from '../support/subjects.ts'
import { adminOf, answer, call, createPartition, mint, user } from '../support/tenant.ts'
import { propertiesOf, wellFormed } from '../support/well-formed-requests.ts'

/** Enough for every request that may take place to have a target nobody changed. */
const TARGETS = 60

/** Whom a request comes from: what is true of the caller, and the token's claims beside its scopes. */
interface Caller {
  /** The role by the words of the contracts; none for whom no contract names. */
  role: string | undefined
  claims: { prt_id: string; host?: string; sub?: string }
  /** Asks about the user it is itself. */
  itself?: boolean
  /** Is no more in the directory. */
  gone?: boolean
}

interface World {
  ours: string
  theirs: string
  callers: Record<string, Caller>
  /** A target with its setting in `ours` and in `theirs`; what takes it may leave nothing of it. */
  next: (takes: boolean) => Target & { settingOf: Record<string, number> }
}

async function createWorld(): Promise<World> {
  const [boss, plain, former] = [crypto.randomUUID(), crypto.randomUUID(), crypto.randomUUID()]
  const ours = await createPartition({ entities: [user(boss), user(plain), user(former)] })
  const theirs = await createPartition()
  const token = await adminOf(ours)
  const administrators = { name: 'Administrators', directoryUserIDsToAdd: [boss, former] }
  await answer(await call('PUT', `/api/Group/${ours}/${ADMINISTRATORS}`, { token, json: administrators }))
  await answer(await call('DELETE', `/api/User/${former}`, { token }), 204)
  const targets = await plantTargets([ours, theirs, HOST_PARTITION], TARGETS)
  const keys = targets.map(({ key }) => key)
  const [ids, theirIds] = [await plantSettings(ours, keys), await plantSettings(theirs, keys)]
  let used = 0
  return {
    ours,
    theirs,
    callers: {
      'a host administrator': { role: 'host administrator', claims: { prt_id: ours, host: 'True' } },
      'an administrator of the organization': {
        role: 'organization administrator',
        claims: { prt_id: ours, sub: boss },
      },
      'an application': { role: 'application', claims: { prt_id: ours } },
      'an application of another partition': { role: 'application', claims: { prt_id: theirs } },
      'a user': { role: 'user', claims: { prt_id: ours, sub: plain } },
      'a user for itself': { role: 'user', claims: { prt_id: ours, sub: plain }, itself: true },
      'a user never known': { role: 'user', claims: { prt_id: ours, sub: crypto.randomUUID() } },
      // Said so at the role: it is one of the partition's users until its token expires, though no administrator any more.
      'a deleted user': { role: 'user', claims: { prt_id: ours, sub: former } },
      'a deleted user for itself': { role: 'user', claims: { prt_id: ours, sub: former }, itself: true, gone: true },
    },
    next: (takes) => {
      const [target, id = 0, theirId = 0] = [targets[used], ids[used], theirIds[used]]
      if (takes) used++
      if (!target) throw new Error('More requests take place than there are targets.')
      return { ...target, settingOf: { [ours]: id, [theirs]: theirId } }
    },
  }
}

type Decision = 'allowed' | 400 | 401 | 403 | 404
type Place = 'own' | 'other' | 'unknown' | 'malformed'

/** What the contract says of the request. */
function decide({ contract }: Operation, scopes: readonly string[], caller: Caller, place: Place): Decision {
  const { scopes: accepted = [], callers = [], owner } = contract
  if (accepted.length > 0 && !accepted.some((scope) => scopes.includes(scope))) return 403
  const { role, itself, gone } = caller
  const everywhere = role === 'host administrator' && callers.includes(role)
  if (place === 'malformed') return 400
  if (place === 'unknown') return everywhere ? 404 : 403
  if (place === 'other' && !everywhere) return 403
  if (role !== undefined && callers.includes(role)) return 'allowed'
  if (!itself || owner === undefined || !callers.includes('self')) return 403
  return gone ? 404 : 'allowed'
}

/** What became of the request. An IdentityResult is an operation's own answer, whatever its status. */
async function outcome(response: Response): Promise<Decision | string> {
  const { status } = response
  const text = await response.text()
  if (status < 300 || text.startsWith('{"succeeded":')) return 'allowed'
  return status === 400 || status === 401 || status === 403 || status === 404 ? status : `${status} ${text}`
}

const scoped = named(all.filter(({ contract }) => contract.scopes))

/** Each accepted scope alone, all others together, and none. */
const sets = ({ contract: { scopes = [] } }: Operation): string[][] => [
  ...scopes.map((scope) => [scope]),
  SCOPES.filter((scope) => !scopes.includes(scope)),
  [],
]

const namesPartition = (operation: Operation) => propertiesOf(operation).includes('partitionGlobalId')

/** The partitions to name, and what each is to a caller of `own`; where none can be named it is the caller's own. */
function placesOf(operation: Operation, { ours, theirs }: World, own: string): [string, Place][] {
  if (!namesPartition(operation)) return [[own, 'own']]
  const known = [ours, theirs, HOST_PARTITION].map((id): [string, Place] => [id, id === own ? 'own' : 'other'])
  return [...known, [crypto.randomUUID(), 'unknown'], ['no-guid', 'malformed']]
}

describe('an operation under /api', () => {
  test('has a contract that says who may call it', () => {
    const routes = app.routes.filter(({ path, method }) => path.startsWith(`${BASE_PATH}/api/`) && method !== 'ALL')
    const described = all.filter(({ path }) => path.startsWith(`${BASE_PATH}/api/`))
    expect(new Set(described.map(({ method, path }) => `${method} ${path}`))).toEqual(
      new Set(routes.map(({ method, path }) => `${method} ${path}`)),
    )
    for (const { contract } of described) {
      expect([contract.operationId, contract.scopes, contract.callers?.length || 'no callers']).toEqual([
        contract.operationId,
        expect.any(Array),
        expect.any(Number),
      ])
      expect(Boolean(contract.owner), contract.operationId).toBe(contract.callers?.includes('self'))
    }
  })

  test('that users may call for themselves takes the property that says for whom', () => {
    const own = all.filter(({ contract }) => contract.owner)
    expect(own.length).toBeGreaterThan(0)
    for (const operation of own) expect(propertiesOf(operation)).toContain(operation.contract.owner)
  })

  test.each(scoped)(
    '%s > is open to those its contract names, and to nobody else',
    { timeout: 300_000 },
    async (_, operation) => {
      const world = await createWorld()
      const found: string[] = []
      const expected: string[] = []
      for (const [name, caller] of Object.entries(world.callers)) {
        const { prt_id: own, sub } = caller.claims
        for (const scopes of sets(operation)) {
          const token = await mint({ ...caller.claims, scope: scopes, ...(sub && { sub_type: 'user' }) })
          for (const [partitionGlobalId, place] of placesOf(operation, world, own)) {
            const decision = decide(operation, scopes, caller, place)
            const { settingOf, ...target } = world.next(decision === 'allowed')
            const settingId = settingOf[own] ?? 0
            const subject = { ...target, settingId, partitionGlobalId, ...(caller.itself && { userId: sub }) }
            const response = await send(operation, { ...wellFormed(operation, subject), token })
            const request = `${name} with ${scopes.slice(0, 2)} in ${place} ${partitionGlobalId}`
            found.push(`${request}: ${await outcome(response)}`)
            expected.push(`${request}: ${decision}`)
          }
        }
      }
      expect(found).toEqual(expected)
    },
  )

  /** For what changes nothing of it. */
  let world: World
  beforeAll(async () => {
    world = await createWorld()
  })

  test.each(scoped)('%s > is closed without a token, whatever it names', async (_, operation) => {
    for (const [partitionGlobalId] of placesOf(operation, world, world.ours)) {
      const { settingOf, ...target } = world.next(false)
      const sent = wellFormed(operation, { ...target, settingId: settingOf[world.ours] ?? 0, partitionGlobalId })
      expect(await outcome(await send(operation, sent))).toBe(401)
      expect(await outcome(await send(operation, { ...sent, token: 'no.token.at-all' }))).toBe(401)
    }
  })

  test.each(scoped.filter(([, { contract }]) => contract.json))(
    '%s > refuses a body that is none before it looks at partition and caller',
    async (_, operation) => {
      const { theirs, callers, next } = world
      const { settingOf, ...target } = next(false)
      const sent = wellFormed(operation, { ...target, settingId: 0, partitionGlobalId: theirs })
      for (const { claims } of Object.values(callers)) {
        const response = await send(operation, { ...sent, body: '"x"', token: await mint(claims) })
        expect(await refusedWithProblem(response, 400, ['errors'])).toMatchObject({
          errors: { '': [expect.any(String)] },
        })
      }
    },
  )
})
