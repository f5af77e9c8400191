// Checks the user of a token that a test asks for.
import { and, eq } from 'drizzle-orm'
import { select } from '../../database/query-builder.ts'
import { type Slots, statement } from '../../database/statement.ts'
import { directoryEntities } from '../../directory/directory.table.ts'
import { USER_TYPE } from '../../directory/member.ts'
import { nearest } from '../../http/nearest.ts'
import { invalid } from '../../http/refusal.ts'
import { primaryOf } from '../effects/armed.ts'

const { id, name, partitionId, seq, type } = directoryEntities

const selectUser = statement(
  (v: Slots<{ partition: string; user: string }>) =>
    select({ id })
      .from(directoryEntities)
      .where(and(eq(partitionId, v.partition), eq(id, v.user), eq(type, USER_TYPE.user))),
  { touches: 'partition' },
)

const selectUsers = statement(
  (v: Slots<{ partition: string }>) =>
    select({ id, name })
      .from(directoryEntities)
      .where(and(eq(partitionId, v.partition), eq(type, USER_TYPE.user)))
      .orderBy(seq)
      .limit(1000),
  { touches: 'partition' },
)

/**
 * @param advice for whoever wants a user that there is not
 * @throws Refusal 400 where the tenant has no user of that id, with the id of the user who may have been meant
 */
export async function requireUser(env: Cloudflare.Env, partition: string, user: string, advice = ''): Promise<void> {
  const database = primaryOf(env, partition)
  if (await database.first(selectUser, { partition, user })) return
  const users = await database.all(selectUsers, { partition })
  const meant = nearest(
    user,
    users.flatMap(({ id, name }) => [id, name]),
  )
  const found = users.find(({ id, name }) => id === meant || name === meant)
  const hint = found ? `; did you mean ${found.id}, ${found.name}?` : '.'
  throw invalid('user', `there is no user ${user.slice(0, 100)}${hint} ${advice}`.trim())
}
