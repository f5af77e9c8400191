// Conditions of SQL on who is in a group, for statements that read `groups` and, where they say so, `directory_entities`.
import { type SQL, sql } from 'drizzle-orm'
import type { SQLiteColumn } from 'drizzle-orm/sqlite-core'
import { directoryEntities } from '../directory/directory.table.ts'
import { USER_TYPE } from '../directory/member.ts'
import { EVERYONE } from './group.schema.ts'
import { groupMembers, groups } from './group.table.ts'

/** Holds for the built-in group Everyone. */
export const isEveryone = sql`${groups.id} = ${sql.raw(`'${EVERYONE}'`)}`

/** Holds if the group has a row of `group_members` for the entity with that `seq`. */
export const hasMember = (entitySeq: SQL | SQLiteColumn) => sql`exists (
  select 1 from ${groupMembers}
  where ${groupMembers.groupSeq} = ${groups.seq} and ${groupMembers.entitySeq} = ${entitySeq})`

/**
 * Holds if the entity is in the group. Every account but an application is in Everyone, which has no rows of members.
 */
export const isMember = sql`(
  ${isEveryone} and ${directoryEntities.type} <> ${sql.raw(String(USER_TYPE.application))}
  or ${hasMember(directoryEntities.seq)})`
