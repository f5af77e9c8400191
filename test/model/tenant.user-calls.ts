// Calls about users: what is drawn, and what the model answers.
import * as z from 'zod/mini'
import { sameId } from '../../src/http/identifier.ts'
import { HOST_PARTITION } from '../../src/partitions/partition.table.ts'
import { call } from '../support/tenant.ts'
import { type Draw, inBody, ok, page, within } from './tenant.group-calls.ts'
import {
  type Account,
  displayNameOf,
  done,
  invalid,
  Partition,
  result,
  unknownId,
  type Wish,
  without,
} from './tenant.model.ts'
import { type Die, MADE_UP, reach, type World } from './tenant.world.ts'

export const NAMES = ['ann', 'ANN', 'bob', 'cho', 'dan', 'eve', 'fay', 'gus', 'hal'] as const
const EMAILS = ['', '', 'ann@x.org', 'BOB@x.org', 'bob@x.org', 'c@x.org', 'd@x.org', 'e@x.org'] as const
const maybe = ['Ann', 'Lee', '', null, undefined] as const

const Known = z.object({ id: z.string() })
const KnownUsers = z.object({ users: z.array(Known) })
const Listed = z.object({ results: z.array(z.object({ id: z.string(), userName: z.string() })) })

export const groups = (world: World, die: Die, place: string) =>
  die.chance(40) ? die.one(undefined, null) : die.some(3, () => die.group(world, { place }))

const userPage: Draw = (world, die, caller, place) => {
  const { query, refused, cut } = page(die)
  const order = die.one('', 'sortOrder=desc')
  const answers = () =>
    refused
      ? [invalid('top')]
      : within(world, caller, place, (at) => {
          const byName = (one: Account, other: Account) => (one.name.toLowerCase() < other.name.toLowerCase() ? -1 : 1)
          const all = at.all(0).sort(byName)
          const page = cut(order ? all.reverse() : all)
          return ok({ totalCount: all.length, results: page.map((user) => at.showUser(user)) })
        })
  const path = `/api/${die.one('User', 'UserPartition')}/users/${place}?sortBy=${die.one('userName', 'USERNAME')}&${order}&${query}`
  return { method: 'GET', path, writes: false, answers }
}

const getUser: Draw = (world, die, caller) => {
  const id = die.account(world, { place: caller.own, type: die.one(0, 0, 0, undefined) })
  const answers = () =>
    within(
      world,
      caller,
      caller.own,
      (at) => {
        const user = at.account(id, 0)
        return user ? ok(at.showUser(user)) : [unknownId('userId', id)]
      },
      id,
    )
  return { method: 'GET', path: `/api/User/${id}`, writes: false, answers }
}

const wish = (die: Die): Wish => ({
  id: die.chance(4) ? die.one('not-an-id', HOST_PARTITION) : die.chance(50) ? undefined : die.one(...MADE_UP),
  userName: die.chance(4) ? '' : die.one(...NAMES),
  email: die.chance(3) ? 'nobody' : die.one(...EMAILS),
  name: die.one(...maybe) ?? null,
  surname: die.one(...maybe) ?? null,
  displayName: die.one(...maybe, null) ?? null,
  bypassBasicAuthRestriction: die.one(undefined, true, false),
  invitationAccepted: die.one(undefined, true, false),
})

const badFields = ({ id, email }: Wish, prefix = '') => [
  ...(id && /^(?:not|0)/.test(id) ? [`${prefix}id`] : []),
  ...(email === 'nobody' ? [`${prefix}email`] : []),
]

const createUser: Draw = (world, die, caller, place) => {
  const { named, meant } = inBody(die, caller, place)
  const user = wish(die)
  const groupIDs = groups(world, die, meant)
  const answers = async () => {
    if (badFields(user).length > 0) return [invalid(...badFields(user))]
    const at = reach(world, caller, meant)
    if (!(at instanceof Partition)) return [at]
    const broken = at.brokenBy([user], groupIDs ?? [])
    if (broken.length > 0) return ok(result(broken), 400)
    const { token = '' } = world.callers.find(({ host }) => host) ?? {}
    const listed = user.id ? undefined : await call('GET', `/api/User/users/${at.id}?top=1000`, { token })
    const known = Listed.safeParse(await listed?.json()).data?.results ?? []
    at.addUser(user, known.find(({ userName }) => userName === user.userName)?.id ?? '?', groupIDs ?? [])
    return ok(result([]))
  }
  const json = { ...user, partitionGlobalId: named, groupIDs }
  return { method: 'POST', path: '/api/User', json, writes: true, answers }
}

const createUsers: Draw = (world, die, caller, place) => {
  const { named, meant } = inBody(die, caller, place)
  const users = die.some(3, () => wish(die))
  const groupIDs = groups(world, die, meant)
  const bad = users.flatMap((user, row) => badFields(user, `users[${row}].`))
  const answers = (found: unknown) =>
    bad.length > 0
      ? [invalid(...bad)]
      : within(world, caller, meant, (at) => {
          const broken = at.brokenBy(users, groupIDs ?? [])
          if (broken.length > 0) return ok({ result: result(broken), users: [] }, 400)
          const ids = KnownUsers.safeParse(found).data?.users ?? []
          const added = users.map((user, row) => at.addUser(user, ids[row]?.id ?? '?', groupIDs ?? []))
          return ok({ result: result([]), users: added.map((user) => at.showUser(user)) })
        })
  return {
    method: 'POST',
    path: '/api/User/BulkCreate',
    json: { users, partitionGlobalId: named, groupIDs },
    writes: true,
    answers,
  }
}

const changeUser: Draw = (world, die, caller) => {
  const id = die.account(world, { place: caller.own, type: 0 })
  const [name, surname, displayName] = [die.one(...maybe), die.one(...maybe), die.one(...maybe)]
  const email = die.chance(3) ? 'nobody' : die.one(undefined, null, ...EMAILS)
  const flags = {
    isActive: die.one(undefined, null, true, false),
    bypassBasicAuthRestriction: die.one(null, true),
    invitationAccepted: die.one(null, false),
  }
  const [add, leave] = [groups(world, die, caller.own) ?? [], groups(world, die, caller.own) ?? []]
  const answers = () =>
    email === 'nobody'
      ? [invalid('email')]
      : within(world, caller, caller.own, (at) => {
          const user = at.account(id, 0)
          if (!user) return [unknownId('userId', id)]
          const holder = at.mailed(email ?? '')
          const broken = [
            ...(holder && holder !== user ? ['DuplicateEmail'] : []),
            ...(at.unknownGroups(add).length > 0 ? ['GroupNotFound'] : []),
          ]
          if (broken.length > 0) return ok(result(broken))
          const [first, last] = [name ?? user.first, surname ?? user.last]
          const shown = displayName === '' ? displayNameOf(first, last, user.name) : (displayName ?? user.displayName)
          const before = user.email
          Object.assign(user, { first, last, displayName: shown, email: email ?? user.email, changed: true })
          user.confirmed &&= email == null || sameId(email, before)
          user.active = flags.isActive ?? user.active
          user.bypass = flags.bypassBasicAuthRestriction ?? user.bypass
          user.invited = flags.invitationAccepted ?? user.invited
          at.enter(user, without(add, leave))
          at.leave(user, without(leave, add))
          return ok(result([]))
        })
  const json = { name, surname, displayName, email, ...flags, groupIDsToAdd: add, groupIDsToRemove: leave }
  return { method: 'PUT', path: `/api/User/${id}`, json, writes: true, answers }
}

const removeUsers: Draw = (world, die, caller, asked) => {
  const many = die.chance(40)
  const { named, meant } = many ? inBody(die, caller, asked) : { named: null, meant: caller.own }
  const draw = () => die.account(world, { place: meant, type: die.one(0, 0, 0, undefined) })
  const ids = many ? die.some(2, draw) : [draw()]
  const answers = () =>
    within(world, caller, meant, (at) =>
      at.removeAccounts(0, ids) > 0 || many ? [done] : [unknownId('userId', ids[0] ?? '')],
    )
  if (many)
    return {
      method: 'DELETE',
      path: '/api/User',
      json: { userIds: ids, partitionGlobalId: named },
      writes: true,
      answers,
    }
  return { method: 'DELETE', path: `/api/User/${ids[0]}`, writes: true, answers }
}

export const USER_CALLS: Record<string, Draw> = {
  ...{ 'list users': userPage, 'get user': getUser, 'create user': createUser, 'create users': createUsers },
  ...{ 'change user': changeUser, 'delete users': removeUsers },
}
