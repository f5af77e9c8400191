// Rules that only the database can check, as selects of those that are broken: `row`, `code`, `subject`.
import { sql } from 'drizzle-orm'
import type { Slots } from '../database/statement.ts'
import { directoryEntities } from '../directory/directory.table.ts'
import { holdersOf } from '../directory/name-keys.ts'
import { literal } from '../documents/entry-list.ts'
import { isUnknownGroup } from '../groups/listed-groups.ts'
import { partitions } from '../partitions/partition.table.ts'
import { PASSWORD_COMPLEXITY } from '../settings/password-complexity.ts'
import { settings } from '../settings/setting.table.ts'
import type { Broken } from './identity-errors.ts'
import { FORMER } from './password.ts'
import { areUsers, isUser, type UserKey } from './user.queries.ts'
import { users } from './user.table.ts'

/** What is selected for a {@link BrokenRow} from a join that is called `broken`. */
export const brokenFields = {
  row: sql<number | null>`broken."row"`,
  code: sql<string | null>`broken.code`,
  subject: sql<string | number | null>`broken.subject`,
}

/** A broken rule, and the place in the list of the user that breaks it; null where it is about all. */
export type BrokenRow = { [Column in keyof Broken]: Broken[Column] | null } & { row: number | null }

/** The partition in each row; one row without a code if no rule is broken. */
export type CheckedRow = BrokenRow & { partition: string }

type InPartition = Slots<{ partition: string }>

// A cross join keeps SQLite to this order: each listed user is looked up, never the list for each user.
const listedUsers = (v: Slots<{ users: string }>) => sql`json_each(${v.users}) listed cross join ${directoryEntities}`

/** Of a listed user: what is to be unique of it under a kind of name, as it is written and by its key. */
const given = (property: string) => sql`listed.value ->> ${sql.raw(`'${property}'`)}`

// Names are compared as they are as well: an account of another version of the Worker may have no key.
const hasName = (v: InPartition) => sql`(
  exists (select 1 from ${directoryEntities} where ${areUsers(v)} and ${directoryEntities.name} = ${given('userName')})
  or exists (select 1 from ${holdersOf(v, 'userName', given('userNameKey'))}))`

const hasEmail = (v: InPartition) => sql`${given('email')} <> '' and (
  exists (
    select 1 from ${directoryEntities}
    where ${areUsers(v)} and ${directoryEntities.email} = ${given('email')} and ${directoryEntities.email} <> '')
  or exists (select 1 from ${holdersOf(v, 'email', given('emailKey'))}))`

/** Selects the ids, names and emails of `users`, a JSON array, that another account has. */
export const takenByOthers = (v: InPartition & Slots<{ users: string }>) => sql`
  select listed.key as "row", 'DuplicateUserName' as code, ${given('userName')} as subject
  from json_each(${v.users}) listed where ${hasName(v)}
  union all
  select listed.key, 'DuplicateEmail', ${given('email')} from json_each(${v.users}) listed where ${hasEmail(v)}
  union all
  select listed.key, 'DuplicateUserId', ${given('id')}
  from ${listedUsers(v)} on ${directoryEntities.partitionId} = ${v.partition} and ${directoryEntities.id} = ${given('id')}`

/** Selects the rules that were found broken without the database: `found`, a JSON array of row, code and subject. */
export const foundBefore = (v: Slots<{ found: string }>) => sql`
  select found.value ->> 0 as "row", found.value ->> 1 as code, found.value ->> 2 as subject
  from json_each(${v.found}) found`

/** Of a JSON array `organizations` with a list of ids or names for each row: rows that name another than the partition. */
export const foreignPortals = (v: InPartition & Slots<{ organizations: string }>) => sql`
  select distinct lists.key as "row", 'InvalidRedirectUrl' as code, null as subject
  from ${partitions} cross join json_each(${v.organizations}) lists cross join json_each(lists.value) named
  where ${partitions.id} = ${v.partition}
    and ${partitions.id} <> named.value and ${partitions.name} <> named.value`

/** Selects the unknown groups of `wanted`, a JSON array with a list of group ids for each row. */
export const groupsNotFound = (v: InPartition & Slots<{ wanted: string }>) => sql`
  select lists.key as "row", 'GroupNotFound' as code, wanted.value as subject
  from json_each(${v.wanted}) lists cross join json_each(lists.value) wanted
  where ${isUnknownGroup(v, sql`wanted.value`)}`

/** At most 100 of {@link groupsNotFound}: where one of them refuses the request, the others need not all be named. */
export const someGroupsNotFound = (v: InPartition & Slots<{ wanted: string }>) =>
  sql`select * from (${groupsNotFound(v)} limit 100)`

const settingOf = (v: InPartition, key: string) => sql`(
  select ${settings.value} from ${settings}
  where ${settings.partitionId} = ${v.partition} and ${settings.owner} = 0
    and ${settings.key} = ${sql.raw(`'${key}'`)})`

/** Real server: what is asked where the partition has no rule of its own (documented for every product line). */
const DEFAULT_RULE = JSON.stringify({ HasDigit: true, HasLowercase: true, Length: 8 })

/** Selects what the partition's complexity rule asks beyond a password's `features`. Null features break nothing. */
export const weakPassword = (v: InPartition & Slots<{ features: string | null }>) => sql`
  select null as "row", asked.value ->> 0 as code, asked.value ->> 1 as subject
  from (
    select case when json_valid(stored) then stored else ${sql.raw(`'${DEFAULT_RULE}'`)} end as rule, ${v.features} as given
    from (select ${settingOf(v, PASSWORD_COMPLEXITY)} as stored)
  ) cross join json_each(json_array(
    json_array('PasswordTooShort', rule ->> '$.Length', given ->> '$.length' < rule ->> '$.Length'),
    json_array('PasswordRequiresNonAlphanumeric', null, rule ->> '$.HasSpecialCharacter' > given ->> '$.special'),
    json_array('PasswordRequiresDigit', null, rule ->> '$.HasDigit' > given ->> '$.digit'),
    json_array('PasswordRequiresLower', null, rule ->> '$.HasLowercase' > given ->> '$.lower'),
    json_array('PasswordRequiresUpper', null, rule ->> '$.HasUppercase' > given ->> '$.upper'))) asked
  where asked.value ->> 2 = 1`

/** Selects a broken rule if another user has the user's new `email`. */
export const takenEmail = (v: Slots<UserKey & { email: string | null; emailKey: string }>) => sql`
  select null as "row", 'DuplicateEmail' as code, ${v.email} as subject
  where ${v.email} <> '' and (
    exists (
      select 1 from ${directoryEntities}
      where ${areUsers(v)} and ${directoryEntities.email} = ${v.email} and ${directoryEntities.email} <> ''
        and ${directoryEntities.id} <> ${v.user})
    or exists (
      select 1 from ${holdersOf(v, 'email', sql`${v.emailKey}`)} and ${directoryEntities.id} <> ${v.user}))`

const accounts = sql`${directoryEntities} join ${users} on ${users.entitySeq} = ${directoryEntities.seq}`

/** The iterations of a hash of before there was a pepper; null for any other. */
const formerIterations = sql`
  case when ${users.passwordHash} glob ${literal(`${FORMER}*`)}
    then cast(substr(${users.passwordHash}, ${literal(FORMER.length + 1)}) as integer) end`

/**
 * Selects a broken rule if `oldHash` is not the hash of the user's password. Null breaks nothing. Its subject are the iterations of
 * a hash of before there was a pepper, with which it can be tried again.
 */
export const wrongPassword = (v: Slots<UserKey & { oldHash: string | null }>) => sql`
  select null as "row", 'PasswordMismatch' as code, (
    select ${formerIterations} from ${accounts} where ${isUser(v)}) as subject
  where ${v.oldHash} is not null and not exists (
    select 1 from ${accounts} where ${isUser(v)} and ${users.passwordHash} = ${v.oldHash})`

/**
 * Selects a broken rule if `newHash` is among the user's last passwords, the present one included, as many as the partition's
 * `Auth.Password.PreviousUseLimit` says. Assumed: without that setting none is remembered.
 */
export const usedPassword = (v: Slots<UserKey & { newHash: string | null }>) => sql`
  select null as "row", 'PasswordUsedBefore' as code, null as subject
  from ${accounts}
  cross join json_each(json_insert(${users.passwordHistory}, '$[#]', ${users.passwordHash})) former
  where ${isUser(v)} and former.value = ${v.newHash}
    and case when former.value = ${users.passwordHash} then 0 else former.key + 1 end
      < cast(${settingOf(v, 'Auth.Password.PreviousUseLimit')} as integer)`
