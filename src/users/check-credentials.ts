// Checks a user name and password, under the partition's rules for lock-outs, and records the attempt.
import { type Bound, bind } from '../database/bound.ts'
import type { Database, Guard } from '../database/database.ts'
import { foldName } from '../http/fold-name.ts'
import { timestamp } from '../http/timestamp.ts'
import { bindPassword } from './bind-password.ts'
import {
  changeResult,
  countFailure,
  forgiveFailures,
  RESULT,
  recordAttempt,
  selectClaimed,
  trimAttempts,
  unlessLockedOut,
} from './login-attempt.queries.ts'
import { verifyPassword } from './password.ts'
import type { PepperEnv } from './pepper.ts'

export interface Credentials {
  readonly partition: string
  /** Or an email address. */
  readonly userName: string
  readonly password: string
  /** By the partition's clock, in milliseconds since the epoch. */
  readonly now: number
  readonly address: string | undefined
  readonly browser: string | undefined
}

/** A user who has shown the right password, and what goes into the batch in which something is made of it. */
export interface Proven {
  readonly user: string
  readonly writes: readonly Bound<unknown>[]
  /** Fails the batch where others have locked the user out meanwhile. */
  readonly guard: Guard
}

/** Longer names and passwords are none. In characters. */
const MAX_LENGTH = 256

/**
 * The user, if the password is right, and it is active and not locked out; undefined without telling why, as that would tell which
 * users there are. One round trip, and a second for what comes of it, which a right password leaves to its caller: failures are
 * counted when they are known, as those of many who sign in at once with the right one would lock the user out. Of many who guess
 * at once the right one fails as well, if the failures before its own batch are as many as are allowed. The same hash, and the
 * same trips, for a user that there is not.
 *
 * @param database that of the partition
 * @example
 * const proven = await checkCredentials(c.env, openPartition(c, partition, 'current'), { partition, userName, password, … })
 */
export async function checkCredentials(
  env: PepperEnv,
  database: Database,
  credentials: Credentials,
): Promise<Proven | undefined> {
  const { partition, password, now, address, browser } = credentials
  const userName = credentials.userName.trim().slice(0, MAX_LENGTH)
  const claimed = { partition, userName, key: foldName(userName), now }
  const stamp = crypto.randomUUID()
  const recorded = {
    ...{ stamp, at: timestamp(now, 0), address: address ?? null },
    browser: browser?.slice(0, MAX_LENGTH) ?? null,
  }
  const [[row]] = await database.batch(
    bind(selectClaimed, claimed),
    bind(recordAttempt, { ...claimed, ...recorded }),
    bind(trimAttempts, claimed),
  )
  const key = { partition, user: row?.id ?? stamp }
  const stored = row?.passwordHash ?? null
  const { matches, rebound } = await verifyPassword(env, key, password.slice(0, MAX_LENGTH + 1), stored)
  const result = (value: number) => bind(changeResult, { ...key, stamp, result: value })
  if (!row || !matches || !row.isActive || (row.lockoutEnd ?? 0) > now) {
    const isIdle = row !== undefined && matches && !row.isActive
    await database.batch(bind(countFailure, claimed), ...(isIdle ? [result(RESULT.userIsNotActive)] : []))
    return undefined
  }
  const bound = rebound === undefined ? [] : [bindPassword({ ...key, former: stored, bound: rebound })]
  const writes = [bind(forgiveFailures, key), result(RESULT.success), ...bound]
  return { user: row.id, writes, guard: unlessLockedOut({ ...key, now }) }
}
