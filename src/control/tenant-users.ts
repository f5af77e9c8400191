// The users of a tenant, for tokens that name one.
import { sql } from 'drizzle-orm'
import { statement } from '../database/statement.ts'
import { directoryEntities } from '../directory/directory.table.ts'
import { USER_TYPE } from '../directory/member.ts'
import { nearest } from '../http/nearest.ts'
import { invalid } from '../http/refusal.ts'
import { primaryOf } from './armed.ts'

const { placeholder } = sql

interface UserRow {
  id: string
  name: string
}

const selectUser = statement<{ partition: string; user: string }, UserRow>(
  () => sql`
    select ${directoryEntities.id} as "id", ${directoryEntities.name} as "name" from ${directoryEntities}
    where ${directoryEntities.partitionId} = ${placeholder('partition')} and ${directoryEntities.id} = ${placeholder('user')}
      and ${directoryEntities.type} = ${sql.raw(String(USER_TYPE.user))}`,
)

const selectUsers = statement<{ partition: string }, UserRow>(
  () => sql`
    select ${directoryEntities.id} as "id", ${directoryEntities.name} as "name" from ${directoryEntities}
    where ${directoryEntities.partitionId} = ${placeholder('partition')}
      and ${directoryEntities.type} = ${sql.raw(String(USER_TYPE.user))}
    order by ${directoryEntities.seq} limit 1000`,
)

const OTHER_USERS = 'A token takes a user that there is not in its claims: {"claims":{"sub":"…","sub_type":"user"}}.'

/** @throws Refusal 400 where the tenant has no user of that id, with the id of the user who may have been meant */
export async function requireUser(env: Cloudflare.Env, partition: string, user: string): Promise<void> {
  const database = primaryOf(env, partition)
  if (await database.first(selectUser, { partition, user })) return
  const users = await database.all(selectUsers, { partition })
  const meant = nearest(
    user,
    users.flatMap(({ id, name }) => [id, name]),
  )
  const found = users.find(({ id, name }) => id === meant || name === meant)
  const hint = found ? `; did you mean ${found.id}, ${found.name}?` : '.'
  throw invalid('user', `there is no user ${user.slice(0, 100)}${hint} ${OTHER_USERS}`)
}
