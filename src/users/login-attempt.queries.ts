// Attempts to sign in: failures are counted, and a right password counts only where they have not locked its user out by then.
import { type SQL, sql } from 'drizzle-orm'
import { failUnless, isAbortedBy } from '../database/abort.ts'
import { bind } from '../database/bound.ts'
import type { Guard } from '../database/database.ts'
import { insertSelect, nameOf, select, update } from '../database/query-builder.ts'
import { type Slots, statement } from '../database/statement.ts'
import { directoryEntities } from '../directory/directory.table.ts'
import { holdersOf } from '../directory/name-keys.ts'
import { settings } from '../settings/setting.table.ts'
import { loginAttempts } from './login-attempt.table.ts'
import { areUsers, type UserKey } from './user.queries.ts'
import { users } from './user.table.ts'

/** Real server: the names and their order (documented). Assumed: that they count from 0. */
export const RESULT = { success: 0, invalidPassword: 1, userIsNotActive: 2, lockedOut: 7 } as const

/** Whom somebody says to be: a user name or an email address, and its fold. */
export type Claimed = { partition: string; userName: string; key: string }

type ClaimedSlots = Slots<Claimed>

const byName = (v: ClaimedSlots, kind: 'userName' | 'email') => {
  const column = kind === 'email' ? directoryEntities.email : directoryEntities.name
  return [
    sql`(select ${directoryEntities.seq} from ${directoryEntities}
      where ${areUsers(v)} and ${column} = ${v.userName} and ${column} <> '')`,
    sql`(select ${directoryEntities.seq} from ${holdersOf(v, kind, sql`${v.key}`)})`,
  ]
}

/** The `seq` of the user of that name, or else of that address. */
const claimedSeq = (v: ClaimedSlots): SQL =>
  sql`coalesce(${sql.join([...byName(v, 'userName'), ...byName(v, 'email')], sql`, `)})`

export interface ClaimedRow {
  id: string
  passwordHash: string | null
  isActive: boolean
  lockoutEnd: number | null
}

/** The user as it is before the attempt. */
export const selectClaimed = statement(
  (v: ClaimedSlots) =>
    select({
      id: directoryEntities.id,
      passwordHash: users.passwordHash,
      isActive: users.isActive,
      lockoutEnd: users.lockoutEnd,
    })
      .from(directoryEntities)
      .innerJoin(users, sql`${users.entitySeq} = ${directoryEntities.seq}`)
      .where(sql`${directoryEntities.seq} = ${claimedSeq(v)}`),
  { touches: 'partition' },
)

/** The user of that name, address or id, for sign-ins without a password. */
export const selectNamed = statement(
  (v: ClaimedSlots) =>
    select({ id: directoryEntities.id, isActive: users.isActive })
      .from(directoryEntities)
      .innerJoin(users, sql`${users.entitySeq} = ${directoryEntities.seq}`)
      .where(
        sql`${directoryEntities.seq} = coalesce(${claimedSeq(v)}, (select ${directoryEntities.seq} from ${directoryEntities}
          where ${areUsers(v)} and ${directoryEntities.id} = ${v.userName}))`,
      ),
  { touches: 'partition' },
)

const settingOf = (v: ClaimedSlots, key: string, otherwise: string) => sql`coalesce((
  select ${settings.value} from ${settings}
  where ${settings.partitionId} = ${v.partition} and ${settings.owner} = 0
    and ${settings.key} = ${sql.raw(`'Auth.UserLockOut.${key}'`)}), ${sql.raw(`'${otherwise}'`)})`

// Real server: these where a partition has no settings of its own (observed in its configuration).
const isEnabled = (v: ClaimedSlots) => sql`lower(${settingOf(v, 'IsEnabled', 'true')}) = 'true'`
const maxFailures = (v: ClaimedSlots) =>
  sql`max(1, cast(${settingOf(v, 'MaxFailedAccessAttemptsBeforeLockout', '10')} as integer))`
const lockoutMilliseconds = (v: ClaimedSlots) =>
  sql`1000 * cast(${settingOf(v, 'DefaultAccountLockoutSeconds', '300')} as integer)`

type Attempt = Claimed & { now: number }

/** Counts a failure; the last that is allowed locks the user out, and the count begins again. Real server: its framework's way. */
export const countFailure = statement<Attempt>(
  (v) => sql`
    update ${users} set
      ${nameOf(users.lockoutEnd)} = case when ${users.accessFailedCount} + 1 >= ${maxFailures(v)}
        then ${v.now} + ${lockoutMilliseconds(v)} else ${users.lockoutEnd} end,
      ${nameOf(users.accessFailedCount)} = case when ${users.accessFailedCount} + 1 >= ${maxFailures(v)}
        then 0 else ${users.accessFailedCount} + 1 end
    where ${users.entitySeq} = ${claimedSeq(v)} and ${isEnabled(v)} and coalesce(${users.lockoutEnd}, 0) <= ${v.now}`,
  { touches: 'partition' },
)

export type Recorded = Attempt & {
  stamp: string
  at: string
  address: string | null
  browser: string | null
}

/** Records the attempt as failed. It has to stand before {@link countFailure}, which may lock the user out for the next one. */
export const recordAttempt = statement<Recorded>(
  (v) =>
    insertSelect(
      loginAttempts,
      {
        partitionId: directoryEntities.partitionId,
        userId: directoryEntities.id,
        userName: v.userName,
        clientIpAddress: v.address,
        browserInfo: v.browser,
        result: sql`case when ${users.lockoutEnd} > ${v.now} then 7 else 1 end`,
        stamp: v.stamp,
        creationTime: v.at,
      },
      sql`from ${directoryEntities} join ${users} on ${users.entitySeq} = ${directoryEntities.seq}
        where ${directoryEntities.seq} = ${claimedSeq(v)}`,
    ),
  { touches: 'partition' },
)

/** How many attempts of a user are kept. */
const KEPT = 100

/** Removes the oldest attempts of the user, so that nobody can fill the database with wrong passwords. */
export const trimAttempts = statement<Claimed>(
  (v) => sql`
    delete from ${loginAttempts} where ${loginAttempts.partitionId} = ${v.partition} and ${loginAttempts.userId} = (
        select ${directoryEntities.id} from ${directoryEntities} where ${directoryEntities.seq} = ${claimedSeq(v)})
      and ${loginAttempts.id} <= (
        select ${loginAttempts.id} from ${loginAttempts}
        where ${loginAttempts.partitionId} = ${v.partition} and ${loginAttempts.userId} = (
          select ${directoryEntities.id} from ${directoryEntities} where ${directoryEntities.seq} = ${claimedSeq(v)})
        order by ${loginAttempts.id} desc limit 1 offset ${sql.raw(String(KEPT))})`,
  { touches: 'partition' },
)

/** Says of an attempt what became of it. */
export const changeResult = statement(
  (v: Slots<{ partition: string; user: string; stamp: string; result: number }>) =>
    update(loginAttempts)
      .set({ result: sql`${v.result}` })
      .where(
        sql`${loginAttempts.partitionId} = ${v.partition} and ${loginAttempts.userId} = ${v.user}
          and ${loginAttempts.stamp} = ${v.stamp}`,
      ),
  { touches: 'partition' },
)

/** Takes the failures back, as a password was right. */
export const forgiveFailures = statement<UserKey>(
  (v) => sql`
    update ${users} set ${nameOf(users.accessFailedCount)} = 0, ${nameOf(users.lockoutEnd)} = null
    where ${users.entitySeq} = (select ${directoryEntities.seq} from ${directoryEntities}
      where ${areUsers(v)} and ${directoryEntities.id} = ${v.user})`,
  { touches: 'partition' },
)

/** Thrown for a right password whose user was locked out while it was looked at. */
export class LockedOut extends Error {}

const LOCKED_OUT = 'the user is locked out'

type Looked = UserKey & { now: number }

const checkLockout = statement<Looked, { allowed: number }>(
  (v, row) => sql`
    select ${row({
      allowed: failUnless(
        sql`not exists (select 1 from ${users} where ${users.lockoutEnd} > ${v.now}
          and ${users.entitySeq} = (select ${directoryEntities.seq} from ${directoryEntities}
            where ${areUsers(v)} and ${directoryEntities.id} = ${v.user}))`,
        LOCKED_OUT,
      ),
    })}`,
  { touches: 'partition' },
)

export const unlessLockedOut = (looked: Looked): Guard => ({
  statement: bind(checkLockout, looked),
  explain: (error) => (isAbortedBy(error, LOCKED_OUT) ? new LockedOut() : error),
})
