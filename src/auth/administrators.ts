// Users of the directory act on a partition only as members of its Administrators group. The check travels with what it guards.
import { sql } from 'drizzle-orm'
import { bind, type Guard } from '../database/database.ts'
import { type Slots, statement } from '../database/statement.ts'
import { directoryEntities } from '../directory/directory.table.ts'
import { groupMembers, groups } from '../groups/group.table.ts'
import { forbidden } from '../http/refusal.ts'
import { formerUsers } from '../users/user.table.ts'

/** Real server: the same GUID in every organization. */
export const ADMINISTRATORS = '35551807-06b1-4cda-90a1-2fb84851eee7'

/** What the database says when the check fails; it aborts the whole batch, so that nothing after it takes place. */
const REFUSAL = 'not an administrator'

type Member = { partition: string; user: string }

/** Whether the directory knows the user, or knew it before it was deleted. */
const isKnown = (v: Slots<Member>) => sql`exists (
  select 1 from ${directoryEntities}
  where ${directoryEntities.partitionId} = ${v.partition} and ${directoryEntities.id} = ${v.user}
  union all
  select 1 from ${formerUsers} where ${formerUsers.partitionId} = ${v.partition} and ${formerUsers.id} = ${v.user})`

// SQLite quotes a path that is no JSON path in its error: this fails a batch from inside a query, and says why.
const check = statement<Member & { administrators: string }, { allowed: number }>(
  (v, row) => sql`
    select ${row({
      allowed: sql<number>`json_extract('{}', case when not ${isKnown(v)} or exists (
        select 1 from ${directoryEntities}
        join ${groupMembers} on ${groupMembers.entitySeq} = ${directoryEntities.seq}
        join ${groups} on ${groups.seq} = ${groupMembers.groupSeq}
        where ${directoryEntities.partitionId} = ${v.partition} and ${directoryEntities.id} = ${v.user}
          and ${groups.partitionId} = ${v.partition} and ${groups.id} = ${v.administrators}
      ) then '$' else ${sql.raw(`'${REFUSAL}'`)} end) is null`,
    })}`,
  { touches: 'partition' },
)

/**
 * Lets a batch take place only if `user` administers `partition`; else it is refused with 403.
 * Assumed: a user the directory never knew comes from one this tenant does not hold, and is judged by its scopes.
 */
export const onlyAdministrators = (partition: string, user: string): Guard => ({
  statement: bind(check, { partition, user, administrators: ADMINISTRATORS }),
  explain: (error) =>
    error instanceof Error && error.message.includes(REFUSAL)
      ? forbidden('User is not an administrator of the organization.')
      : error,
})
