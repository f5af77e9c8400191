// Questions to D1 that resolve directory entities by id or name, and who is in which group.
import { sql } from 'drizzle-orm'
import { bind, type Database } from '../database/database.ts'
import { statement } from '../database/statement.ts'
import { EVERYONE } from '../groups/group.schema.ts'
import { groupMembers, groups } from '../groups/group.table.ts'
import { selectPartition } from '../partitions/find-partition.ts'
import { ENTITY_TYPE, type EntityType } from './directory.schema.ts'
import { directoryEntities as entities } from './directory.table.ts'
import { type MemberRow, memberColumns, USER_TYPE } from './member.ts'

/** A group as an entity of the directory. */
export interface GroupRow {
  id: string
  name: string
}

/** What was found under one of the things asked for. */
export type Resolved = { asked: string } & ({ entity: MemberRow } | { group: GroupRow })

const { placeholder } = sql

const userType = sql.raw(String(USER_TYPE.user))
const robotType = sql.raw(String(USER_TYPE.robotAccount))
const applicationType = sql.raw(String(USER_TYPE.application))

const isInPartition = sql`${entities.partitionId} = ${placeholder('partition')}`
const isGroupOfPartition = sql`${groups.partitionId} = ${placeholder('partition')}`

interface Asked {
  partition: string
  /** A JSON array of ids or names. */
  asked: string
}

const listed = sql`json_each(${placeholder('asked')}) listed`
const asked = sql`listed.value as "asked"`

const usersById = statement<Asked, MemberRow & { asked: string }>(
  () => sql`
    select ${asked}, ${memberColumns()} from ${listed}
    cross join ${entities} on ${isInPartition} and ${entities.id} = listed.value
    where ${entities.type} in (${userType}, ${robotType})`,
)

const applicationsById = statement<Asked, MemberRow & { asked: string }>(
  () => sql`
    select ${asked}, ${memberColumns()} from ${listed}
    cross join ${entities} on ${isInPartition} and ${entities.id} = listed.value
    where ${entities.type} = ${applicationType}`,
)

const groupsById = statement<Asked, GroupRow & { asked: string }>(
  () => sql`
    select ${asked}, ${groups.id} as "id", ${groups.name} as "name" from ${listed}
    cross join ${groups} on ${isGroupOfPartition} and ${groups.id} = listed.value`,
)

// Assumed: a user of that name comes before one of that address, and both before a robot account of that name.
const usersByName = statement<Asked, MemberRow & { asked: string }>(
  () => sql`
    select ${asked}, ${memberColumns()}, 1 as "rank" from ${listed}
    cross join ${entities} on ${isInPartition} and ${entities.type} = ${userType} and ${entities.name} = listed.value
    union all
    select ${asked}, ${memberColumns()}, 2 as "rank" from ${listed}
    cross join ${entities} on ${isInPartition} and ${entities.type} = ${userType}
      and ${entities.email} <> '' and ${entities.email} = listed.value
    union all
    select ${asked}, ${memberColumns()}, 3 as "rank" from ${listed}
    cross join ${entities} on ${isInPartition} and ${entities.type} = ${robotType} and ${entities.name} = listed.value
    order by "rank"`,
)

const applicationsByName = statement<Asked, MemberRow & { asked: string }>(
  () => sql`
    select ${asked}, ${memberColumns()} from ${listed}
    cross join ${entities} on ${isInPartition} and ${entities.type} = ${applicationType}
      and ${entities.name} = listed.value`,
)

const groupsByName = statement<Asked, GroupRow & { asked: string }>(
  () => sql`
    select ${asked}, ${groups.id} as "id", ${groups.name} as "name" from ${listed}
    cross join ${groups} on ${isGroupOfPartition} and ${groups.name} = listed.value`,
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

/** The entities of those names and that type, the best match of each name first; undefined for an unknown partition. */
export const resolveByName = (database: Database, partition: string, type: EntityType, names: readonly string[]) =>
  resolve(database, BY_NAME, partition, type, names)

// Everybody is in Everyone, but applications are nobody.
const memberships = statement<{ partition: string; user: string; groups: string }, GroupRow>(
  () => sql`
    select ${groups.id} as "id", ${groups.name} as "name"
    from json_each(${placeholder('groups')}) listed
    cross join ${groups} on ${isGroupOfPartition} and ${groups.id} = listed.value
    cross join ${entities} on ${isInPartition} and ${entities.id} = ${placeholder('user')}
    where ${groups.id} = ${sql.raw(`'${EVERYONE}'`)} and ${entities.type} <> ${applicationType} or exists (
      select 1 from ${groupMembers}
      where ${groupMembers.groupSeq} = ${groups.seq} and ${groupMembers.entitySeq} = ${entities.seq})
    group by ${groups.seq} order by min(listed.key)`,
)

/** Those of the groups the account is in, once each, in the order asked for; undefined if the partition is unknown. */
export async function listMemberships(database: Database, partition: string, user: string, ids: readonly string[]) {
  const [[found], rows] = await database.batch(
    bind(selectPartition, { partition }),
    bind(memberships, { partition, user, groups: JSON.stringify(ids) }),
  )
  return found && rows
}
