// Questions to D1 that read one user, and what all questions select of a user.
import { sql } from 'drizzle-orm'
import type { Database } from '../database/database.ts'
import { statement } from '../database/statement.ts'
import { directoryEntities } from '../directory/directory.table.ts'
import { groupIdsOf } from '../directory/memberships.ts'
import { partitions } from '../partitions/partition.table.ts'
import type { User } from './user.schema.ts'
import { users } from './user.table.ts'

/** A user by its id, and the partition that id is unique in. */
export interface UserKey {
  partition: string
  user: string
}

/** A user as selected: truth values are 0 or 1, the groups a JSON array. */
export interface UserRow {
  id: string
  userName: string
  email: string
  emailConfirmed: number
  name: string | null
  surname: string | null
  displayName: string
  creationTime: string
  lastModificationTime: string | null
  lastLoginTime: string | null
  groupIDs: string
  legacyId: number | null
  isActive: number
  bypassBasicAuthRestriction: number
  type: number
  category: number
  invitationAccepted: number
}

/** A partition's row beside a user's: the user's columns are null where there is none. */
export type FoundUserRow = { partition: string } & { [Column in keyof UserRow]: UserRow[Column] | null }

const { placeholder } = sql

export const userColumns = () => sql`
  ${directoryEntities.id} as "id", ${directoryEntities.name} as "userName", ${directoryEntities.email} as "email",
  ${users.emailConfirmed} as "emailConfirmed", ${directoryEntities.firstName} as "name",
  ${directoryEntities.lastName} as "surname", ${directoryEntities.displayName} as "displayName",
  ${directoryEntities.creationTime} as "creationTime",
  ${directoryEntities.lastModificationTime} as "lastModificationTime",
  ${directoryEntities.lastLoginTime} as "lastLoginTime", ${groupIdsOf()} as "groupIDs",
  ${users.legacyId} as "legacyId", ${users.isActive} as "isActive",
  ${users.bypassBasicAuthRestriction} as "bypassBasicAuthRestriction", ${directoryEntities.type} as "type",
  ${users.category} as "category", ${users.invitationAccepted} as "invitationAccepted"`

/** Holds for the entities that are users of the partition. The type stands there as it does in the partial index. */
export const areUsers = () => sql`
  ${directoryEntities.partitionId} = ${placeholder('partition')} and ${directoryEntities.type} = 0`

/** Holds for the one user that `user` names. */
export const isUser = () => sql`${areUsers()} and ${directoryEntities.id} = ${placeholder('user')}`

const selectUser = statement<UserKey, FoundUserRow>(
  () => sql`
    select ${partitions.id} as "partition", ${userColumns()}
    from ${partitions}
    left join ${directoryEntities} on ${isUser()}
    left join ${users} on ${users.entitySeq} = ${directoryEntities.seq}
    where ${partitions.id} = ${placeholder('partition')}`,
)

/** The user; undefined if it or the partition is unknown. */
export async function findUser(database: Database, key: UserKey): Promise<UserRow | undefined> {
  const row = await database.first(selectUser, key)
  return row && hasUser(row) ? row : undefined
}

/** Whether there is a user in a row. */
export const hasUser = <Row extends FoundUserRow>(row: Row): row is Row & UserRow => row.id !== null

/** Real server: a user in no group has null for its groups (observed). */
export function presentUser(row: UserRow): User {
  const groupIDs: string[] = JSON.parse(row.groupIDs)
  return {
    id: row.id,
    userName: row.userName,
    email: row.email,
    emailConfirmed: row.emailConfirmed === 1,
    name: row.name,
    surname: row.surname,
    displayName: row.displayName,
    creationTime: row.creationTime,
    lastModificationTime: row.lastModificationTime,
    lastLoginTime: row.lastLoginTime,
    groupIDs: groupIDs.length > 0 ? groupIDs : null,
    legacyId: row.legacyId ?? 0,
    isActive: row.isActive === 1,
    bypassBasicAuthRestriction: row.bypassBasicAuthRestriction === 1,
    type: row.type,
    category: row.category,
    invitationAccepted: row.invitationAccepted === 1,
  }
}
