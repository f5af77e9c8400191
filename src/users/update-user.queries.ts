// The one question to D1 that changes a user: its account, its password and its groups, all of it or nothing.
import { sql } from 'drizzle-orm'
import { bind, type Database } from '../database/database.ts'
import { statement } from '../database/statement.ts'
import { directoryEntities } from '../directory/directory.table.ts'
import { countEntering, countLeaving, enterGroups, leaveGroups } from '../directory/memberships.ts'
import { partitions } from '../partitions/partition.table.ts'
import { type CheckedRow, someUnknownGroups, takenEmail, usedPassword, weakPassword, wrongPassword } from './rules.ts'
import { isUser, type UserKey } from './user.queries.ts'
import { users } from './user.table.ts'

/** What of a user's account changes; null leaves a property as it is. */
export interface AccountChange {
  name: string | null
  surname: string | null
  /** Empty for the one made of the other names. */
  displayName: string | null
  email: string | null
  isActive: boolean | null
  bypassBasicAuthRestriction: boolean | null
  invitationAccepted: boolean | null
  /** A JSON merge patch. */
  extensionAttributes: string | null
}

export interface PasswordChange {
  newHash: string
  /** Features of the new password. */
  features: string
  /** The hash that the present password must have; null if it need not be known. */
  oldHash: string | null
}

export interface UserChange extends UserKey {
  account?: AccountChange
  password?: PasswordChange | undefined
  /** Ids of groups the caller asked to add; all of them must be known. */
  asked?: readonly string[]
  add?: readonly string[]
  remove?: readonly string[]
  now: string
}

/** How many former passwords are kept. */
const HISTORY = 50

const { placeholder } = sql

const brokenRules = sql`
  ${takenEmail} union all ${someUnknownGroups} union all ${wrongPassword} union all ${weakPassword}
  union all ${usedPassword}`

type Checks = UserKey & {
  email: string | null
  wanted: string
  oldHash: string | null
  newHash: string | null
  features: string | null
}

const check = statement<Checks, CheckedRow & { user: string | null }>(
  () => sql`
    select ${partitions.id} as "partition", ${directoryEntities.id} as "user", broken."row" as "row",
      broken.code as "code", broken.subject as "subject"
    from ${partitions} left join ${directoryEntities} on ${isUser()} left join (${brokenRules}) broken on true
    where ${partitions.id} = ${placeholder('partition')}`,
)

const givenName = sql`coalesce(${placeholder('name')}, first_name, '')`
const givenSurname = sql`coalesce(${placeholder('surname')}, last_name, '')`

const updateEntity = statement<Checks & Pick<AccountChange, 'name' | 'surname' | 'displayName'> & Stamped>(
  () => sql`
    update ${directoryEntities} set
      display_name = case ${placeholder('displayName')} when '' then
        coalesce(nullif(trim(${givenName} || ' ' || ${givenSurname}), ''), name)
        else coalesce(${placeholder('displayName')}, display_name) end,
      first_name = coalesce(${placeholder('name')}, first_name),
      last_name = coalesce(${placeholder('surname')}, last_name),
      last_modification_time = ${placeholder('now')}, concurrency_stamp = ${placeholder('stamp')}
    where ${isUser()} and not exists (${brokenRules})`,
)

type Stamped = UserKey & { stamp: string; now: string }

const wasWritten = sql`${isUser()} and ${directoryEntities.concurrencyStamp} = ${placeholder('stamp')}`

const formerPasswords = sql`(
  select json_group_array(former.hash order by former.place) from (
    select ${users.passwordHash} as hash, -1 as place
    union all
    select value, key from json_each(${users.passwordHistory}) where key < ${sql.raw(String(HISTORY - 1))}
  ) former)`

// Runs before the email is written. Real server's framework: a new email is an unconfirmed one.
const updateAccount = statement<
  Stamped & {
    email: string | null
    isActive: number | null
    bypass: number | null
    invitationAccepted: number | null
    attributes: string | null
    newHash: string | null
  }
>(
  () => sql`
    update ${users} set
      email_confirmed = email_confirmed and (${placeholder('email')} is null or exists (
        select 1 from ${directoryEntities} where ${isUser()} and ${directoryEntities.email} = ${placeholder('email')})),
      is_active = coalesce(${placeholder('isActive')}, is_active),
      bypass_basic_auth_restriction = coalesce(${placeholder('bypass')}, bypass_basic_auth_restriction),
      invitation_accepted = coalesce(${placeholder('invitationAccepted')}, invitation_accepted),
      extension_attributes = json_patch(extension_attributes, coalesce(${placeholder('attributes')}, '{}')),
      password_history = case when ${placeholder('newHash')} is null or password_hash is null then password_history
        else ${formerPasswords} end,
      password_hash = coalesce(${placeholder('newHash')}, password_hash)
    where entity_seq = (select ${directoryEntities.seq} from ${directoryEntities} where ${wasWritten})`,
)

const updateEmail = statement<Stamped & { email: string | null }>(
  () => sql`
    update ${directoryEntities} set email = ${placeholder('email')}
    where ${wasWritten} and ${placeholder('email')} is not null`,
)

const asNumber = (flag: boolean | null | undefined) => (flag == null ? null : Number(flag))

/** Applies `change`. Nothing changes if a rule is broken, or the partition or the user is unknown. */
export async function updateUser(database: Database, change: UserChange) {
  const { partition, user, account, password, asked = [], add = [], remove = [], now } = change
  const email = account?.email ?? null
  const newHash = password?.newHash ?? null
  const stamped = { partition, user, stamp: crypto.randomUUID(), now, email, newHash, type: 0 }
  const checks = {
    ...stamped,
    wanted: JSON.stringify([asked]),
    oldHash: password?.oldHash ?? null,
    features: password?.features ?? null,
  }
  const names = {
    name: account?.name ?? null,
    surname: account?.surname ?? null,
    displayName: account?.displayName ?? null,
  }
  const settings = {
    isActive: asNumber(account?.isActive),
    bypass: asNumber(account?.bypassBasicAuthRestriction),
    invitationAccepted: asNumber(account?.invitationAccepted),
    attributes: account?.extensionAttributes ?? null,
  }
  const entities = JSON.stringify([user])
  const leaving = { ...stamped, entities, groups: JSON.stringify(remove) }
  const entering = { ...stamped, entities, groups: JSON.stringify(add) }
  const [rows] = await database.batch(
    bind(check, checks),
    bind(updateEntity, { ...checks, ...names }),
    bind(updateAccount, { ...stamped, ...settings }),
    bind(updateEmail, stamped),
    bind(countLeaving, leaving),
    bind(leaveGroups, leaving),
    bind(countEntering, entering),
    bind(enterGroups, entering),
  )
  const broken = rows.flatMap(({ code, subject }) => (code === null ? [] : [{ code, subject }]))
  return { known: rows[0]?.user != null, broken }
}
