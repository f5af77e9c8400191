// Calls about robot accounts and settings: what is drawn, and what the model answers.
import * as z from 'zod/mini'
import { sameId } from '../../src/http/identifier.ts'
import { HOST_PARTITION } from '../../src/partitions/partition.table.ts'
import { type Draw, inBody, ok, page, within } from './tenant.group-calls.ts'
import { conflict, done, emptyConflict, invalid, missing, Partition, unknownId, without } from './tenant.model.ts'
import { groups, NAMES } from './tenant.user-calls.ts'
import { type Die, reach, type World } from './tenant.world.ts'

const KEYS = ['T.One', 'T.Two', 't.one', 'T.Three'] as const

const Known = z.object({ id: z.string() })
const Rows = z.array(z.object({ id: z.int(), key: z.string() }))

const robotPage: Draw = (world, die, caller, place) => {
  const { query, refused, cut } = page(die)
  const order = die.one('', 'sortOrder=desc')
  const answers = () =>
    refused
      ? [invalid('top')]
      : within(world, caller, place, (at) => {
          const all = order ? at.all(4).reverse() : at.all(4)
          return ok({ totalCount: all.length, results: cut(all).map((robot) => at.showRobot(robot)) })
        })
  return { method: 'GET', path: `/api/RobotAccount/${place}?${order}&${query}`, writes: false, answers }
}

const getRobot: Draw = (world, die, caller, place) => {
  const id = die.account(world, { place, type: die.one(4, 4, 4, undefined) })
  const answers = () =>
    within(world, caller, place, (at) => {
      const robot = at.account(id, 4)
      return robot ? ok(at.showRobot(robot)) : [unknownId('robotAccountId', id)]
    })
  return { method: 'GET', path: `/api/RobotAccount/${place}/${id}`, writes: false, answers }
}

const createRobot: Draw = (world, die, caller, place) => {
  const { named, meant } = inBody(die, caller, place)
  const [name, displayName] = [die.chance(4) ? ' ' : die.one(...NAMES), die.one('Rob', ' ', null, undefined)]
  const add = groups(world, die, meant)
  const answers = (found: unknown) =>
    name === ' '
      ? [invalid('name')]
      : within(world, caller, meant, (at) => {
          const unknown = at.unknownGroups(add ?? []).length > 0 ? [invalid('groupIDsToAdd')] : []
          const refusals = [...unknown, ...(at.named(4, name) ? [conflict] : [])]
          if (refusals.length > 0) return refusals
          const id = Known.safeParse(found).data?.id ?? '?'
          return ok(at.showRobot(at.addRobot(id, name, displayName?.trim() || name, add ?? [])), 201)
        })
  const json = { partitionGlobalId: named, name, displayName, groupIDsToAdd: add }
  return { method: 'POST', path: '/api/RobotAccount', json, writes: true, answers }
}

const changeRobot: Draw = (world, die, caller, place) => {
  const { named, meant } = inBody(die, caller, place)
  const id = die.account(world, { place: meant, type: 4 })
  const displayName = die.one('Rob', 'Robbie', ' ', null, undefined)
  const [add, leave] = [groups(world, die, meant) ?? [], groups(world, die, meant) ?? []]
  const answers = () =>
    within(world, caller, meant, (at) => {
      const robot = at.account(id, 4)
      if (!robot) return [unknownId('robotAccountId', id)]
      if (at.unknownGroups(add).length > 0) return [invalid('groupIDsToAdd')]
      robot.displayName = displayName?.trim() || robot.displayName
      at.enter(robot, without(add, leave))
      at.leave(robot, without(leave, add))
      return ok(at.showRobot(robot))
    })
  const json = { partitionGlobalId: named, name: 'ignored', displayName, groupIDsToAdd: add, groupIDsToRemove: leave }
  return { method: 'PUT', path: `/api/RobotAccount/${id}`, json, writes: true, answers }
}

const removeRobots: Draw = (world, die, caller, place) => {
  const many = die.chance(40)
  const draw = () => die.account(world, { place, type: die.one(4, 4, undefined) })
  const ids = many ? die.some(2, draw) : [draw()]
  const answers = () =>
    within(world, caller, place, (at) =>
      at.removeAccounts(4, ids) > 0 || many ? [done] : [unknownId('robotAccountId', ids[0] ?? '')],
    )
  const path = `/api/RobotAccount/${place}`
  if (many) return { method: 'DELETE', path, json: { robotAccountIDs: ids }, writes: true, answers }
  return { method: 'DELETE', path: `${path}/${ids[0]}`, writes: true, answers }
}

/** Whose settings are meant; without a partition the host's are. */
function owner(world: World, die: Die, caller: { sub?: string }, place: string) {
  const named = die.chance(8) ? die.one(undefined, '') : place
  const userId = die.chance(50) ? undefined : caller.sub && die.chance(60) ? caller.sub : die.account(world, { place })
  return { named, userId, meant: named || HOST_PARTITION }
}

const getSettings: Draw = (world, die, caller, place) => {
  const { named, userId, meant } = owner(world, die, caller, place)
  const keys = die.some(4, () => die.one(...KEYS))
  const answers = () => {
    const at = reach(world, caller, meant, userId)
    if (!(at instanceof Partition)) return [at]
    const user = userId === undefined ? undefined : at.account(userId)
    if (userId !== undefined && !user) return [unknownId('userId', userId)]
    const rows = at.settings.filter((row) => row.owner === user && keys.some((key) => key === row.key))
    return ok(rows.map(at.showSetting))
  }
  const asked = [
    ...keys.map((key) => `key=${key}`),
    ...(named === undefined ? [] : [`partitionGlobalId=${named}`]),
    ...(userId ? [`userId=${userId}`] : []),
  ]
  return { method: 'GET', path: `/api/Setting?${asked.join('&')}`, writes: false, answers }
}

const putSettings: Draw = (world, die, caller, place) => {
  const { named, userId, meant } = owner(world, die, caller, place)
  const settings = die.some(3, () => ({ key: die.one(...KEYS), value: die.one('1', '', 'long text', null, undefined) }))
  const answers = (found: unknown) => {
    const twice = new Set(settings.map(({ key }) => key)).size < settings.length ? [emptyConflict] : []
    const at = reach(world, caller, meant, userId)
    if (!(at instanceof Partition)) return [at, ...twice]
    const user = userId === undefined ? undefined : at.account(userId)
    const unknown = userId !== undefined && !user ? [unknownId('userId', userId)] : []
    if (unknown.length + twice.length > 0) return [...unknown, ...twice]
    const learnt = Rows.safeParse(found).data ?? []
    const used = world.partitions.flatMap((partition) => partition.settings.map(({ id }) => id))
    const written = settings.map(({ key, value }) => {
      const id = learnt.find((row) => row.key === key && !used.includes(row.id))?.id ?? -1
      const row = at.setting(user, key) ?? { id, key, value: null, owner: user }
      if (!at.settings.includes(row)) at.settings.push(row)
      row.value = value ?? null
      return at.showSetting(row)
    })
    at.settings.sort((one, other) => one.id - other.id)
    return ok(written)
  }
  return {
    method: 'PUT',
    path: '/api/Setting',
    json: { settings, partitionGlobalId: named, userId },
    writes: true,
    answers,
  }
}

const removeKeys: Draw = (world, die, caller, place) => {
  const { named, meant } = owner(world, die, caller, place)
  const settings: string[] = die.some(2, () => die.one(...KEYS))
  const answers = () =>
    within(world, caller, meant, (at) => {
      at.settings = at.settings.filter((row) => row.owner || !settings.includes(row.key))
      return [done]
    })
  return { method: 'DELETE', path: '/api/Setting', json: { settings, partitionGlobalId: named }, writes: true, answers }
}

const removeSetting: Draw = (world, die, caller, place) => {
  const rows = world.partitions.find(({ id }) => sameId(id, place))?.settings ?? []
  const id = die.chance(75) ? (die.one(...rows)?.id ?? 999_999_999) : die.one('x', 999_999_999)
  const answers = () => {
    if (id === 'x') return [invalid('settingId')]
    const own = reach(world, caller, caller.own)
    if (!(own instanceof Partition)) return [own]
    const holder = (caller.host ? world.partitions : [own]).find(({ settings }) =>
      settings.some((row) => row.id === id),
    )
    if (!holder) return [missing]
    holder.settings = holder.settings.filter((row) => row.id !== id)
    return [done]
  }
  return { method: 'DELETE', path: `/api/Setting/${id}`, writes: true, answers }
}

export const ROBOT_AND_SETTING_CALLS: Record<string, Draw> = {
  ...{ 'list robots': robotPage, 'get robot': getRobot, 'create robot': createRobot, 'change robot': changeRobot },
  ...{ 'delete robots': removeRobots, 'get settings': getSettings, 'put settings': putSettings },
  ...{ 'delete keys': removeKeys, 'delete setting': removeSetting },
}
