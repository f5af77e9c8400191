// Signs a user in: a session of its own for each sign-in, so that nobody can know its id before.
import { sql } from 'drizzle-orm'
import type { Context } from 'hono'
import { newTokenId } from '../connect/issue-token.ts'
import { type Bound, bind } from '../database/bound.ts'
import type { Guard } from '../database/database.ts'
import { databaseOf, MAIN } from '../database/placement.ts'
import { deleteFrom, insertInto, update } from '../database/query-builder.ts'
import { type AppEnv, openMain, openPartition } from '../database/session.ts'
import { type Slots, statement } from '../database/statement.ts'
import { directoryEntities } from '../directory/directory.table.ts'
import { sessions } from '../grants/grant.table.ts'
import { KEPT_LONGER } from '../grants/redeem.ts'
import { removalsInPassing } from '../grants/remove-stale-grants.ts'
import { timestamp } from '../http/timestamp.ts'
import { isUser, type UserKey } from '../users/user.queries.ts'
import { timeOf } from './look-up.ts'
import type { Session } from './session-cookie.ts'

/** Real server: how long a session lasts that nobody renews (its framework's default). In milliseconds. */
const SESSION_LIFETIME = 10 * 3_600_000

const insertSession = statement((v: Slots<Required<Omit<typeof sessions.$inferInsert, 'deviceTries'>>>) =>
  insertInto(sessions).values({
    id: v.id,
    partitionId: v.partitionId,
    userId: v.userId,
    authTime: v.authTime,
    amr: v.amr,
    expiresAt: v.expiresAt,
    removeAt: v.removeAt,
  }),
)

const deleteSession = statement((v: Slots<{ id: string }>) => deleteFrom(sessions).where(sql`${sessions.id} = ${v.id}`))

const writeLastLogin = statement(
  (v: Slots<UserKey & { at: string }>) =>
    update(directoryEntities)
      .set({ lastLoginTime: sql`${v.at}` })
      .where(isUser(v)),
  { touches: 'partition' },
)

/** How a user signed in, as the claim `amr` says it. */
export type Method = 'pwd' | 'none'

/** A new session of a user, with the statements that keep it: of the main database, and of the one that holds the partition. */
export function startSession(
  c: Context<AppEnv>,
  { partition, user }: UserKey,
  { method, former }: { method: Method; former: Session | undefined },
): { session: Session; main: Bound<unknown>[]; holding: Bound<unknown>[] } {
  const [now, id] = [timeOf(c), newTokenId()]
  const row = {
    id,
    partitionId: partition,
    userId: user,
    authTime: Math.floor(now / 1000),
    amr: method,
    expiresAt: now + SESSION_LIFETIME,
    removeAt: Date.now() + SESSION_LIFETIME + KEPT_LONGER,
  }
  return {
    session: { id, partition, user },
    main: [
      bind(insertSession, row),
      ...(former ? [bind(deleteSession, { id: former.id })] : []),
      ...removalsInPassing(c.env),
    ],
    holding: [bind(writeLastLogin, { partition, user, at: timestamp(now, 0) })],
  }
}

/**
 * Keeps a new session, and runs what else is to be written: one round trip, and two where the partition is in another database.
 * @param holding for the database of the partition, before the session @param main for the main database, behind it
 */
export async function keepSession(
  c: Context<AppEnv>,
  { session, ...kept }: ReturnType<typeof startSession>,
  holding: readonly Bound<unknown>[],
  { main = [], guard }: { main?: readonly Bound<unknown>[]; guard?: Guard } = {},
) {
  const database = openPartition(c, session.partition, 'current', guard)
  if (databaseOf(c.env, session.partition).name === MAIN) {
    await database.batch(...holding, ...kept.holding, ...kept.main, ...main)
    return
  }
  await database.batch(...holding, ...kept.holding)
  await openMain(c).batch(...kept.main, ...main)
}
