// Calls about groups and the directory: what is drawn, and what the model answers.
import { isGuid, sameId } from '../../src/http/identifier.ts'
import {
  type Answer,
  conflict,
  done,
  EVERYONE,
  type Group,
  invalid,
  missing,
  NOWHERE,
  Partition,
  unknownId,
  without,
} from './tenant.model.ts'
import { type Caller, type Die, MADE_UP, reach, type World } from './tenant.world.ts'

export interface Asked {
  method: string
  path: string
  json?: unknown
  /** Asks for a scope that writes. */
  writes: boolean
  /** Every answer that is right; makes the change, taking from the answer found what only the server knows. */
  answers: (found: unknown) => Answer[] | Promise<Answer[]>
}
export type Draw = (world: World, die: Die, caller: Caller, place: string) => Asked

export const ok = (body: unknown, status = 200): Answer[] => [{ status, body }]
const NAMES = ['Wizards', 'WIZARDS', 'Witches', 'Elves', 'Ghosts', 'Everyone', 'administrators', 'Trolls'] as const

/** A partition in a body, and the one meant; the caller's own may be left out. */
export function inBody(die: Die, caller: Caller, place: string): { named: string | null | undefined; meant: string } {
  const own = sameId(place, caller.own) && die.chance(40)
  return own ? { named: die.one(undefined, null, ''), meant: caller.own } : { named: place, meant: place }
}

export function within(
  world: World,
  caller: Caller,
  place: string,
  then: (partition: Partition) => Answer[],
  owner?: string,
) {
  const reached = reach(world, caller, place, owner)
  return reached instanceof Partition ? then(reached) : [reached]
}

const withGroup = (id: string, then: (partition: Partition, group: Group) => Answer[]) => (partition: Partition) => {
  const group = partition.group(id)
  return group ? then(partition, group) : [unknownId('groupId', id)]
}

/** Top and skip, sometimes out of bounds, or left out. */
export function page(die: Die) {
  const top = die.one(undefined, 0, 1, 2, 5, 1000, 1001)
  const skip = die.one(undefined, 0, 1, 3)
  const asked = Object.entries({ top, skip }).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${value}`],
  )
  const cut = <Item>(items: Item[]) => items.slice(skip ?? 0, (skip ?? 0) + (top ?? 10))
  return { query: asked.join('&'), refused: top === 1001, cut }
}

const list: Draw = (world, _die, caller, place) => ({
  ...{ method: 'GET', path: `/api/Group/${place}`, writes: false },
  answers: () => within(world, caller, place, (at) => ok(at.groups.map((group) => at.showGroup(group, [])))),
})

const get: Draw = (world, die, caller, place) => {
  const id = die.group(world, { place })
  const answers = () =>
    within(
      world,
      caller,
      place,
      withGroup(id, (at, group) => ok(at.showGroup(group))),
    )
  return { method: 'GET', path: `/api/Group/${place}/${id}`, writes: false, answers }
}

const members: Draw = (world, die, caller, place) => {
  const id = die.group(world, { place })
  const { query, refused, cut } = page(die)
  const answers = () =>
    refused
      ? [invalid('top')]
      : within(
          world,
          caller,
          place,
          withGroup(id, (at, group) => {
            const all = group.id === EVERYONE ? [] : at.entered(group).map(({ id, type }) => ({ id, type }))
            return ok({ totalCount: all.length, results: cut(all) })
          }),
        )
  return { method: 'GET', path: `/api/Group/${place}/${id}/Members?${query}`, writes: false, answers }
}

const check: Draw = (world, die, caller, place) => {
  const id = die.group(world, { place })
  const json = die.some(5, () => die.account(world, { place }))
  const answers = () =>
    within(
      world,
      caller,
      place,
      withGroup(id, (at, group) => {
        const asked = at.accounts.filter((account) => json.some((one) => sameId(one, account.id)))
        return ok(asked.filter((account) => at.isIn(account, group)).map((account) => at.showMember(account)))
      }),
    )
  return { method: 'POST', path: `/api/Group/${place}/${id}/CheckMembers`, json, writes: true, answers }
}

const groupsOf = (at: Partition, ids: readonly string[]) => [...new Set(ids.flatMap((id) => at.group(id) ?? []))]

const load: Draw = (world, die, caller, place) => {
  const json = die.some(4, () => die.group(world, { place }))
  const answers = () => within(world, caller, place, (at) => ok(groupsOf(at, json).map((group) => at.showGroup(group))))
  return { method: 'POST', path: `/api/Group/BulkLoadByIds/${place}`, json, writes: true, answers }
}

const create: Draw = (world, die, caller, place) => {
  const { named, meant } = inBody(die, caller, place)
  const id = die.chance(10)
    ? die.one('not-an-id', '00000000-0000-0000-0000-000000000000', EVERYONE)
    : die.one(...MADE_UP, NOWHERE.replace('f', 'e'))
  const name = die.chance(4) ? ' ' : die.one(...NAMES)
  const ids = die.chance(30) ? die.one(undefined, null) : die.some(3, () => die.account(world, { place: meant }))
  const fields = [
    ...(/^0/.test(id) || (id === 'not-an-id' && name !== ' ' && isGuid(meant)) ? ['id'] : []),
    ...(name === ' ' ? ['name'] : []),
  ]
  const answers = () =>
    fields.length > 0
      ? [invalid(...fields)]
      : within(world, caller, meant, (at) => {
          const unknown = at.unknownAccounts(ids ?? []).length > 0
          const taken = at.group(id) || at.groups.some((group) => sameId(group.name, name))
          if (unknown || taken)
            return [...(unknown ? [invalid('directoryUserMemberIDs')] : []), ...(taken ? [conflict] : [])]
          return ok(at.showGroup(at.addGroup(id, name, ids ?? [])), 201)
        })
  const json = { partitionGlobalId: named, id, name, directoryUserMemberIDs: ids }
  return { method: 'POST', path: '/api/Group', json, writes: true, answers }
}

const change: Draw = (world, die, caller, place) => {
  const short = die.chance(50)
  const { named, meant } = short
    ? inBody(die, caller, place)
    : { named: die.one(undefined, null, '', place, place, NOWHERE), meant: place }
  const id = die.group(world, { place: meant })
  const own = world.partitions.find((at) => sameId(at.id, meant))?.group(id)?.name
  const name = die.chance(65) ? own : die.one(undefined, null, '', ' ', ...NAMES, ...NAMES)
  const draw = () =>
    die.chance(20) ? die.one(undefined, null) : die.some(3, () => die.account(world, { place: meant }))
  const [add, remove] = [draw(), draw()]
  const answers = () => {
    if (!short && named && !sameId(named, place)) return [invalid('partitionGlobalId')]
    const nameless = name?.trim() ? [] : [conflict]
    const reached = reach(world, caller, meant)
    if (!(reached instanceof Partition)) return [reached, ...nameless]
    const group = reached.group(id)
    if (!group) return [unknownId('groupId', id), ...nameless]
    const taken = reached.groups.some((other) => other !== group && sameId(other.name, name ?? ''))
    const kept = group.type === 1 || sameId(group.name, name ?? '')
    const unknown = reached.unknownAccounts(add ?? []).length > 0 ? [invalid('directoryUserIDsToAdd')] : []
    const refusals = [...nameless, ...unknown, ...(taken || !kept ? [conflict] : [])]
    if (refusals.length > 0 || !name) return refusals
    if (group.type === 1) group.name = name
    group.changed = true
    const accounts = (ids: readonly string[]) => ids.flatMap((one) => reached.account(one) ?? [])
    for (const account of accounts(without(add ?? [], remove ?? []))) group.members.add(account)
    for (const account of accounts(without(remove ?? [], add ?? []))) group.members.delete(account)
    return ok(reached.showGroup(group))
  }
  const json = { partitionGlobalId: named, name, directoryUserIDsToAdd: add, directoryUserIDsToRemove: remove }
  return { method: 'PUT', path: short ? `/api/Group/${id}` : `/api/Group/${place}/${id}`, json, writes: true, answers }
}

const remove: Draw = (world, die, caller, place) => {
  const many = die.chance(40)
  const ids = many ? die.some(3, () => die.group(world, { place })) : [die.group(world, { place })]
  const answers = () =>
    within(world, caller, place, (at) => {
      if (ids.some((id) => at.group(id)?.type === 0)) return [conflict]
      const [first = ''] = ids
      return at.removeGroups(ids) > 0 || many ? [done] : [unknownId('groupId', first)]
    })
  const path = `/api/Group/${place}`
  if (many) return { method: 'DELETE', path, json: { groupIDs: ids }, writes: true, answers }
  return { method: 'DELETE', path: `${path}/${ids[0]}`, writes: true, answers }
}

const membership: Draw = (world, die, caller, place) => {
  const userId = die.account(world, { place })
  const groupIds = [...die.some(5, () => die.group(world, { place })), ...die.some(1, () => EVERYONE)]
  const answers = () =>
    within(world, caller, place, (at) => {
      const account = at.account(userId)
      const joined = groupsOf(at, groupIds).filter((group) => account && at.isIn(account, group))
      return ok(joined.map(at.showEntity))
    })
  const path = `/api/Directory/GroupMembership/${place}`
  return { method: 'POST', path, json: { userId, groupIds }, writes: false, answers }
}

const resolve: Draw = (world, die, caller, place) => {
  const group = die.chance(40)
  const wanted = group ? die.one('group', 'GROUP', 1) : die.one('user', 'User', 0, undefined)
  const entityType = die.chance(5) ? 'robot' : wanted
  const entityId = die.chance(80) === group ? die.group(world, { place }) : die.account(world, { place })
  const answers = () =>
    entityType === 'robot'
      ? [invalid('entityType')]
      : within(world, caller, place, (at) => {
          const [found, account] = [at.group(entityId), at.account(entityId)]
          if (group) return found ? ok(at.showEntity(found)) : [missing]
          return account ? ok(at.showResolved(account)) : [missing]
        })
  const path = `/api/Directory/Resolve/${place}`
  return { method: 'POST', path, json: { entityId, entityType }, writes: false, answers }
}

export const GROUP_CALLS: Record<string, Draw> = {
  ...{ 'list groups': list, 'get group': get, 'page members': members, 'check members': check, 'load groups': load },
  ...{ 'create group': create, 'change group': change, 'delete groups': remove, membership, resolve },
}
