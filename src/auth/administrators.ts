// Users of the directory act on a partition only as members of its Administrators group. The check travels with what it guards.
import { sql } from 'drizzle-orm'
import { bind, type Guard } from '../database/database.ts'
import { statement } from '../database/statement.ts'
import { directoryEntities } from '../directory/directory.table.ts'
import { groupMembers, groups } from '../groups/group.table.ts'
import { forbidden } from '../http/refusal.ts'
import { formerUsers } from '../users/user.table.ts'

/** Real server: the same GUID in every organization. */
export const ADMINISTRATORS = '35551807-06b1-4cda-90a1-2fb84851eee7'

/** What the database says when the check fails; it aborts the whole batch, so that nothing after it takes place. */
const REFUSAL = 'not an administrator'

const { placeholder } = sql

// A path that is no JSON path is an error SQLite names it in: the way to fail a batch from inside a query.
const check = statement<{ partition: string; user: string; administrators: string }, { allowed: null }>(
  () => sql`
    select json_extract('{}', case when not exists (
      select 1 from ${directoryEntities} d where d.partition_id = ${placeholder('partition')} and d.id = ${placeholder('user')}
      union all
      select 1 from ${formerUsers} f where f.partition_id = ${placeholder('partition')} and f.id = ${placeholder('user')}
    ) or exists (
      select 1 from ${directoryEntities} d
      join ${groupMembers} m on m.entity_seq = d.seq
      join ${groups} g on g.seq = m.group_seq
      where d.partition_id = ${placeholder('partition')} and d.id = ${placeholder('user')}
        and g.partition_id = ${placeholder('partition')} and g.id = ${placeholder('administrators')}
    ) then '$' else ${sql.raw(`'${REFUSAL}'`)} end) is null as "allowed"`,
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
