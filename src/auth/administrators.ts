// Users of the directory act on a partition only as members of its Administrators group. The database checks that in the
// same batch as what the user asked for, so that it costs no round trip and membership cannot change in between.
import { sql } from 'drizzle-orm'
import { failUnless, isAbortedBy } from '../database/abort.ts'
import { bind } from '../database/bound.ts'
import type { Guard } from '../database/database.ts'
import { type Slots, statement } from '../database/statement.ts'
import { directoryEntities } from '../directory/directory.table.ts'
import { groupMembers, groups } from '../groups/group.table.ts'
import { forbidden } from '../http/refusal.ts'
import { users } from '../users/user.table.ts'

/** Real server: the same GUID in every organization. */
export const ADMINISTRATORS = '35551807-06b1-4cda-90a1-2fb84851eee7'

const NOT_ADMINISTRATOR = 'not an administrator'

type Member = { partition: string; user: string; administrators: string }

const isMember = (v: Slots<Member>) => sql`exists (
  select 1 from ${directoryEntities}
  join ${groupMembers} on ${groupMembers.entitySeq} = ${directoryEntities.seq}
  join ${groups} on ${groups.seq} = ${groupMembers.groupSeq}
  join ${users} on ${users.entitySeq} = ${directoryEntities.seq} and ${users.isActive} = 1
  where ${directoryEntities.partitionId} = ${v.partition} and ${directoryEntities.id} = ${v.user}
    and ${groups.partitionId} = ${v.partition} and ${groups.id} = ${v.administrators})`

const checkAdministrator = statement<Member, { allowed: number }>(
  (v, row) => sql`select ${row({ allowed: failUnless(isMember(v), NOT_ADMINISTRATOR) })}`,
  { touches: 'partition' },
)

/**
 * Lets a batch take place only if `user` administers `partition`; else it is refused with 403. Real server: the status
 * (observed). Assumed: the text.
 * Assumed: so is a user that is deactivated, or that the directory does not have. Otherwise a token would gain rights when its account is deleted, or
 * is gone after a reset.
 */
export const onlyAdministrators = (partition: string, user: string): Guard => ({
  statement: bind(checkAdministrator, { partition, user, administrators: ADMINISTRATORS }),
  explain: (error) =>
    isAbortedBy(error, NOT_ADMINISTRATOR) ? forbidden('User is not an administrator of the organization.') : error,
})

const NOT_ACTIVE = 'a deactivated user'

type User = { partition: string; user: string }

const isDeactivated = (v: Slots<User>) => sql`exists (
  select 1 from ${directoryEntities}
  join ${users} on ${users.entitySeq} = ${directoryEntities.seq} and ${users.isActive} = 0
  where ${directoryEntities.partitionId} = ${v.partition} and ${directoryEntities.id} = ${v.user})`

const checkActive = statement<User, { allowed: number }>(
  (v, row) => sql`select ${row({ allowed: failUnless(sql`not ${isDeactivated(v)}`, NOT_ACTIVE) })}`,
  { touches: 'partition' },
)

/** Lets a batch take place unless `user` is deactivated: its tokens act on nothing from then on, its own data neither. Assumed. */
export const unlessDeactivated = (partition: string, user: string): Guard => ({
  statement: bind(checkActive, { partition, user }),
  explain: (error) => (isAbortedBy(error, NOT_ACTIVE) ? forbidden('User is not active.') : error),
})
