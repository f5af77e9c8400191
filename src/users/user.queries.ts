// Queries that read one user, and what every query selects of a user.
import { eq, type SQL, sql } from 'drizzle-orm'
import type { Database } from '../database/database.ts'
import { select } from '../database/query-builder.ts'
import { type Slots, statement } from '../database/statement.ts'
import { directoryEntities } from '../directory/directory.table.ts'
import { groupIdsOf, groupIdsWithEveryone } from '../directory/memberships.ts'
import { partitions } from '../partitions/partition.table.ts'
import type { User } from './user.schema.ts'
import { users } from './user.table.ts'

/** A user by its id, and the partition that id is unique in. */
export interface UserKey {
  partition: string
  user: string
}

/** A user as selected. */
export interface UserRow {
  id: string
  userName: string
  email: string
  emailConfirmed: boolean
  name: string | null
  surname: string | null
  displayName: string
  creationTime: string
  lastModificationTime: string | null
  lastLoginTime: string | null
  /** A JSON array of ids. */
  groupIDs: string
  legacyId: number | null
  isActive: boolean
  bypassBasicAuthRestriction: boolean
  type: number
  category: number
  invitationAccepted: boolean
}

/** A partition's row beside a user's: the user's columns are null where there is none. */
export type FoundUserRow = { partition: string } & { [Column in keyof UserRow]: UserRow[Column] | null }

/** What is selected for a {@link UserRow}. */
export const userFields = {
  id: directoryEntities.id,
  userName: directoryEntities.name,
  email: directoryEntities.email,
  emailConfirmed: users.emailConfirmed,
  name: directoryEntities.firstName,
  surname: directoryEntities.lastName,
  displayName: directoryEntities.displayName,
  creationTime: directoryEntities.creationTime,
  lastModificationTime: directoryEntities.lastModificationTime,
  lastLoginTime: directoryEntities.lastLoginTime,
  groupIDs: groupIdsOf(),
  legacyId: users.legacyId,
  isActive: users.isActive,
  bypassBasicAuthRestriction: users.bypassBasicAuthRestriction,
  type: directoryEntities.type,
  category: users.category,
  invitationAccepted: users.invitationAccepted,
}

/** Holds for the entities that are users of the partition. SQLite uses the partial index only for the literal type. */
export const areUsers = (v: Slots<Pick<UserKey, 'partition'>>): SQL => sql`
  ${directoryEntities.partitionId} = ${v.partition} and ${directoryEntities.type} = 0`

/** Holds for the one user that `user` names. */
export const isUser = (v: Slots<UserKey>): SQL => sql`${areUsers(v)} and ${directoryEntities.id} = ${v.user}`

const selectUser = statement(
  (v: Slots<UserKey>) =>
    select({ partition: partitions.id, ...userFields })
      .from(partitions)
      .leftJoin(directoryEntities, isUser(v))
      .leftJoin(users, eq(users.entitySeq, directoryEntities.seq))
      .where(eq(partitions.id, v.partition)),
  { touches: 'partition' },
)

/** The user; undefined if it or the partition is unknown. */
export async function findUser(database: Database, key: UserKey): Promise<UserRow | undefined> {
  const row = await database.first(selectUser, key)
  return row && hasUser(row) ? row : undefined
}

/** Whether there is a user in a row. */
export const hasUser = <Row extends FoundUserRow>(row: Row): row is Row & UserRow => row.id !== null

export function presentUser(row: UserRow): User {
  return {
    id: row.id,
    userName: row.userName,
    email: row.email,
    emailConfirmed: row.emailConfirmed,
    name: row.name,
    surname: row.surname,
    displayName: row.displayName,
    creationTime: row.creationTime,
    lastModificationTime: row.lastModificationTime,
    lastLoginTime: row.lastLoginTime,
    groupIDs: groupIdsWithEveryone(row.groupIDs),
    legacyId: row.legacyId ?? 0,
    isActive: row.isActive,
    bypassBasicAuthRestriction: row.bypassBasicAuthRestriction,
    type: row.type,
    category: row.category,
    invitationAccepted: row.invitationAccepted,
  }
}
