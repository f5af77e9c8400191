// Queries that resolve directory entities by id or name, and who is in which group.
import { sql } from 'drizzle-orm'
import { bind } from '../database/bound.ts'
import type { Database } from '../database/database.ts'
import { type Slots, statement } from '../database/statement.ts'
import { groupNameKeys, groups } from '../groups/group.table.ts'
import { isMember } from '../groups/is-member.ts'
import { listedGroups } from '../groups/listed-groups.ts'
import { foldName } from '../http/fold-name.ts'
import { selectPartition } from '../partitions/find-partition.ts'
import { users } from '../users/user.table.ts'
import { ENTITY_TYPE, type EntityType } from './directory.schema.ts'
import { directoryEntities as entities, nameKeys } from './directory.table.ts'
import { type MemberRow, memberFields, USER_TYPE } from './member.ts'

/** A group as an entity of the directory. */
export interface DirectoryGroupRow {
  id: string
  name: string
}

/** What was found under one of the things asked for. */
export type Resolved = { asked: string } & ({ entity: ResolvedRow } | { group: DirectoryGroupRow })

/** An entity that was found; `isActive` is null for what is no user. */
export type ResolvedRow = MemberRow & { isActive: boolean | null }

const userType = sql.raw(String(USER_TYPE.user))
const robotType = sql.raw(String(USER_TYPE.robotAccount))
const applicationType = sql.raw(String(USER_TYPE.application))

type InPartition = Slots<{ partition: string }>

const isInPartition = (v: InPartition) => sql`${entities.partitionId} = ${v.partition}`

interface Asked {
  partition: string
  /** A JSON array of ids or names. */
  asked: string
}

type AskedMember = ResolvedRow & { asked: string }
type AskedGroup = DirectoryGroupRow & { asked: string }

const listed = (v: Slots<Asked>) => sql`json_each(${v.asked}) listed`
const asked = sql<string>`listed.value`
const askedMemberFields = { asked, ...memberFields, isActive: users.isActive }
const account = sql`left join ${users} on ${users.entitySeq} = ${entities.seq}`
const groupFields = { id: groups.id, name: groups.name }

const usersById = statement<Asked, AskedMember>(
  (v, row) => sql`
    select ${row(askedMemberFields)} from ${listed(v)}
    cross join ${entities} on ${isInPartition(v)} and ${entities.id} = listed.value
    ${account} where ${entities.type} in (${userType}, ${robotType})`,
  { touches: 'partition' },
)

const applicationsById = statement<Asked, AskedMember>(
  (v, row) => sql`
    select ${row(askedMemberFields)} from ${listed(v)}
    cross join ${entities} on ${isInPartition(v)} and ${entities.id} = listed.value
    ${account} where ${entities.type} = ${applicationType}`,
  { touches: 'partition' },
)

const groupsById = statement<Asked, AskedGroup>(
  (v, row) => sql`
    select ${row({ asked, ...groupFields })} from ${listedGroups(v, v.asked)}`,
  { touches: 'partition' },
)

// Assumed: a user of that name comes before one of that address, and both before a robot account of that name.
const usersByName = statement<Asked, AskedMember & { rank: number }>(
  (v, row) => sql`
    select ${row({ ...askedMemberFields, rank: sql`1` })} from ${listed(v)}
    cross join ${entities} on ${isInPartition(v)} and ${entities.type} = ${userType} and ${entities.name} = listed.value ${account}
    union all
    select ${row({ ...askedMemberFields, rank: sql`2` })} from ${listed(v)}
    cross join ${entities} on ${isInPartition(v)} and ${entities.type} = ${userType}
      and ${entities.email} <> '' and ${entities.email} = listed.value ${account}
    union all
    select ${row({ ...askedMemberFields, rank: sql`3` })} from ${listed(v)}
    cross join ${entities} on ${isInPartition(v)} and ${entities.type} = ${robotType} and ${entities.name} = listed.value ${account}
    order by "rank"`,
  { touches: 'partition' },
)

const applicationsByName = statement<Asked, AskedMember>(
  (v, row) => sql`
    select ${row(askedMemberFields)} from ${listed(v)}
    cross join ${entities} on ${isInPartition(v)} and ${entities.type} = ${applicationType}
      and ${entities.name} = listed.value ${account}`,
  { touches: 'partition' },
)

const groupsByName = statement<Asked, AskedGroup>(
  (v, row) => sql`
    select ${row({ asked, ...groupFields })} from ${listed(v)}
    cross join ${groups} on ${groups.partitionId} = ${v.partition} and ${groups.name} = listed.value`,
  { touches: 'partition' },
)

/** `keys` is a JSON array of what is asked for, each with its fold. */
type Keyed = { partition: string; keys: string }

const keyed = { ...memberFields, asked: sql<string>`listed.value ->> 0`, isActive: users.isActive }

const usersByKey = statement<Keyed, AskedMember>(
  (v, row) => sql`
    select ${row(keyed)} from json_each(${v.keys}) listed
    cross join ${nameKeys} on ${nameKeys.partitionId} = ${v.partition}
      and ${nameKeys.kind} in ('userName', 'email', 'robotAccount') and ${nameKeys.key} = listed.value ->> 1
    cross join ${entities} on ${entities.seq} = ${nameKeys.entitySeq}
      and ${nameKeys.name} = iif(${nameKeys.kind} = 'email', ${entities.email}, ${entities.name})
    ${account} order by case ${nameKeys.kind} when 'userName' then 1 when 'email' then 2 else 3 end`,
  { touches: 'partition' },
)

const groupsByKey = statement<Keyed, AskedGroup>(
  (v, row) => sql`
    select ${row({ asked: keyed.asked, ...groupFields })} from json_each(${v.keys}) listed
    cross join ${groupNameKeys} on ${groupNameKeys.partitionId} = ${v.partition}
      and ${groupNameKeys.key} = listed.value ->> 1
    cross join ${groups} on ${groups.seq} = ${groupNameKeys.groupSeq} and ${groupNameKeys.name} = ${groups.name}`,
  { touches: 'partition' },
)

const BY_ID = { users: usersById, applications: applicationsById, groups: groupsById }
const BY_NAME = { users: usersByName, applications: applicationsByName, groups: groupsByName }

/** What is known under each of `wanted`, the best match first; undefined if the partition is unknown. */
async function resolve(
  database: Database,
  { users, applications, groups }: typeof BY_ID,
  partition: string,
  type: EntityType,
  wanted: readonly string[],
): Promise<Resolved[] | undefined> {
  const values = { partition, asked: JSON.stringify(wanted) }
  if (type === ENTITY_TYPE.group) {
    const [[found], rows] = await database.batch(bind(selectPartition, { partition }), bind(groups, values))
    return found && rows.map(({ asked, ...group }) => ({ asked, group }))
  }
  const entities = type === ENTITY_TYPE.application ? applications : users
  const [[found], rows] = await database.batch(bind(selectPartition, { partition }), bind(entities, values))
  return found && rows.map(({ asked, ...entity }) => ({ asked, entity }))
}

/** The entity of that id and type, alone in a list; undefined if the partition is unknown. */
export const resolveById = (database: Database, partition: string, type: EntityType, id: string) =>
  resolve(database, BY_ID, partition, type, [id])

/** The entities of those ids and types; undefined if the partition is unknown. */
export async function resolveEach(database: Database, partition: string, wanted: readonly Wanted[]) {
  const of = (asked: EntityType) => ({
    partition,
    asked: JSON.stringify(wanted.flatMap(({ id, type }) => (type === asked ? [id] : []))),
  })
  const [[found], users, groups, applications] = await database.batch(
    bind(selectPartition, { partition }),
    bind(usersById, of(ENTITY_TYPE.user)),
    bind(groupsById, of(ENTITY_TYPE.group)),
    bind(applicationsById, of(ENTITY_TYPE.application)),
  )
  if (!found) return undefined
  return [
    ...[...users, ...applications].map(({ asked, ...entity }): Resolved => ({ asked, entity })),
    ...groups.map(({ asked, ...group }): Resolved => ({ asked, group })),
  ]
}

/** An id, and what it is meant to be the id of. */
interface Wanted {
  id: string
  type: EntityType
}

/** The entities of those names and that type, the best match of each name first; undefined for an unknown partition. */
export async function resolveByName(
  database: Database,
  partition: string,
  type: EntityType,
  names: readonly string[],
): Promise<Resolved[] | undefined> {
  // The database itself folds ASCII; applications have no keys.
  const beyond = names.filter((name) => /[^\x20-\x7e]/.test(name))
  if (beyond.length === 0 || type === ENTITY_TYPE.application) return resolve(database, BY_NAME, partition, type, names)
  const values = { partition, asked: JSON.stringify(names) }
  const keys = { partition, keys: JSON.stringify(beyond.map((name) => [name, foldName(name)])) }
  const known = bind(selectPartition, { partition })
  if (type === ENTITY_TYPE.group) {
    const [[found], named, keyed] = await database.batch(known, bind(groupsByName, values), bind(groupsByKey, keys))
    return found && [...named, ...keyed].map(({ asked, ...group }) => ({ asked, group }))
  }
  const [[found], named, keyed] = await database.batch(known, bind(usersByName, values), bind(usersByKey, keys))
  return found && [...named, ...keyed].map(({ asked, ...entity }) => ({ asked, entity }))
}

const selectMemberships = statement<{ partition: string; user: string; groups: string }, DirectoryGroupRow>(
  (v, row) => sql`
    select ${row(groupFields)}
    from ${listedGroups(v, v.groups)}
    cross join ${entities} on ${isInPartition(v)} and ${entities.id} = ${v.user}
    where ${isMember}
    group by ${groups.seq} order by min(listed.key)`,
  { touches: 'partition' },
)

/** Those of the groups the account is in, once each, in the order asked for; undefined if the partition is unknown. */
export async function listMemberships(database: Database, partition: string, user: string, ids: readonly string[]) {
  const [[found], rows] = await database.batch(
    bind(selectPartition, { partition }),
    bind(selectMemberships, { partition, user, groups: JSON.stringify(ids) }),
  )
  return found && rows
}
