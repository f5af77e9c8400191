// The batch that changes a user: its account, its password and its groups, all of it or nothing.
import { sql } from 'drizzle-orm'
import { bind } from '../database/bound.ts'
import type { Database } from '../database/database.ts'
import { insertSelect, update } from '../database/query-builder.ts'
import { type Slots, statement } from '../database/statement.ts'
import { directoryEntities, nameKeys } from '../directory/directory.table.ts'
import { addToGroups, lowerMemberCounts, raiseMemberCounts, removeFromGroups } from '../directory/memberships.ts'
import { replaceKeys } from '../directory/name-keys.ts'
import { foldName } from '../http/fold-name.ts'
import { partitions } from '../partitions/partition.table.ts'
import { bindPassword } from './bind-password.ts'
import {
  brokenFields,
  type CheckedRow,
  someGroupsNotFound,
  takenEmail,
  usedPassword,
  weakPassword,
  wrongPassword,
} from './rules.ts'
import { isUser, type UserKey } from './user.queries.ts'
import { users } from './user.table.ts'

/** What of a user's account changes; null leaves a property as it is. */
export interface AccountChange {
  name: string | null
  surname: string | null
  /** Empty for one made of `name` and `surname`. */
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
  /** The hash of before there was a pepper, which is bound first if the user still has it. */
  formerHash?: string
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

type Checks = UserKey & {
  email: string | null
  emailKey: string
  wanted: string
  oldHash: string | null
  newHash: string | null
  features: string | null
}

const brokenRules = (v: Slots<Checks>) => sql`
  ${takenEmail(v)} union all ${someGroupsNotFound(v)} union all ${wrongPassword(v)} union all ${weakPassword(v)}
  union all ${usedPassword(v)}`

const check = statement<Checks, CheckedRow & { user: string | null }>(
  (v, row) => sql`
    select ${row({ partition: partitions.id, user: directoryEntities.id, ...brokenFields })}
    from ${partitions} left join ${directoryEntities} on ${isUser(v)} left join (${brokenRules(v)}) broken on true
    where ${partitions.id} = ${v.partition}`,
  { touches: 'partition' },
)

type Names = Pick<AccountChange, 'name' | 'surname' | 'displayName'>

/** A display name made of the other names as they will be, or else of the user name. */
const nameOfNames = (v: Slots<Names>) => {
  const name = sql`coalesce(${v.name}, ${directoryEntities.firstName}, '')`
  const surname = sql`coalesce(${v.surname}, ${directoryEntities.lastName}, '')`
  return sql`coalesce(nullif(trim(${name} || ' ' || ${surname}), ''), ${directoryEntities.name})`
}

type Stamped = UserKey & { stamp: string; now: string }

const updateEntity = statement(
  (v: Slots<Checks & Names & Stamped>) =>
    update(directoryEntities)
      .set({
        displayName: sql`case ${v.displayName} when '' then ${nameOfNames(v)}
          else coalesce(${v.displayName}, ${directoryEntities.displayName}) end`,
        firstName: sql`coalesce(${v.name}, ${directoryEntities.firstName})`,
        lastName: sql`coalesce(${v.surname}, ${directoryEntities.lastName})`,
        lastModificationTime: sql`${v.now}`,
        concurrencyStamp: sql`${v.stamp}`,
      })
      .where(sql`${isUser(v)} and not exists (${brokenRules(v)})`),
  { touches: 'partition' },
)

const wasWritten = (v: Slots<Stamped>) => sql`${isUser(v)} and ${directoryEntities.concurrencyStamp} = ${v.stamp}`

const formerPasswords = sql`(
  select json_group_array(former.hash order by former.place) from (
    select ${users.passwordHash} as hash, -1 as place
    union all
    select value, key from json_each(${users.passwordHistory}) where key < ${sql.raw(String(HISTORY - 1))}
  ) former)`

type Settings = Pick<AccountChange, 'isActive' | 'bypassBasicAuthRestriction' | 'invitationAccepted'> & {
  attributes: string | null
  email: string | null
  newHash: string | null
}

// Runs before `updateEmail`, to compare the stored email with the new one. Real server's framework: a new email is an
// unconfirmed one.
const updateAccount = statement(
  (v: Slots<Stamped & Settings>) =>
    update(users)
      .set({
        emailConfirmed: sql`${users.emailConfirmed} and (${v.email} is null or exists (
          select 1 from ${directoryEntities} where ${isUser(v)} and ${directoryEntities.email} = ${v.email}))`,
        isActive: sql`coalesce(${v.isActive}, ${users.isActive})`,
        bypassBasicAuthRestriction: sql`coalesce(${v.bypassBasicAuthRestriction}, ${users.bypassBasicAuthRestriction})`,
        invitationAccepted: sql`coalesce(${v.invitationAccepted}, ${users.invitationAccepted})`,
        extensionAttributes: sql`json_patch(${users.extensionAttributes}, coalesce(${v.attributes}, '{}'))`,
        passwordHistory: sql`case when ${v.newHash} is null or ${users.passwordHash} is null then ${users.passwordHistory}
          else ${formerPasswords} end`,
        passwordHash: sql`coalesce(${v.newHash}, ${users.passwordHash})`,
      })
      .where(
        sql`${users.entitySeq} = (select ${directoryEntities.seq} from ${directoryEntities} where ${wasWritten(v)})`,
      ),
  { touches: 'partition' },
)

const updateEmail = statement(
  (v: Slots<Stamped & { email: string | null }>) =>
    update(directoryEntities)
      .set({ email: sql`${v.email}` })
      .where(sql`${wasWritten(v)} and ${v.email} is not null`),
  { touches: 'partition' },
)

const keepEmailKey = statement<Stamped & { email: string | null; emailKey: string }>(
  (v) =>
    insertSelect(
      nameKeys,
      {
        partitionId: directoryEntities.partitionId,
        kind: sql`'email'`,
        key: v.emailKey,
        name: directoryEntities.email,
        entitySeq: directoryEntities.seq,
      },
      sql`from ${directoryEntities} where ${wasWritten(v)} and ${v.email} <> '' ${replaceKeys}`,
    ),
  { touches: 'partition' },
)

/**
 * Applies `change`, or nothing of it if a rule is broken. `user` is undefined or null if it or the partition is
 * unknown.
 */
export async function updateUser(database: Database, change: UserChange) {
  const { partition, user, account, password, asked = [], add = [], remove = [], now } = change
  const email = account?.email ?? null
  const newHash = password?.newHash ?? null
  const stamped = { partition, user, stamp: crypto.randomUUID(), now, email, emailKey: foldName(email ?? ''), newHash }
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
    isActive: account?.isActive ?? null,
    bypassBasicAuthRestriction: account?.bypassBasicAuthRestriction ?? null,
    invitationAccepted: account?.invitationAccepted ?? null,
    attributes: account?.extensionAttributes ?? null,
  }
  const entities = JSON.stringify([user])
  const removed = { ...stamped, entities, groups: JSON.stringify(remove) }
  const added = { ...stamped, entities, groups: JSON.stringify(add) }
  const oldHash = { partition, user, bound: checks.oldHash, former: password?.formerHash ?? null }
  const [, rows] = await database.batch(
    bindPassword(oldHash),
    bind(check, checks),
    bind(updateEntity, { ...checks, ...names }),
    bind(updateAccount, { ...stamped, ...settings }),
    bind(updateEmail, stamped),
    bind(keepEmailKey, stamped),
    bind(lowerMemberCounts, removed),
    bind(removeFromGroups, removed),
    bind(raiseMemberCounts, added),
    bind(addToGroups, added),
  )
  const broken = rows.flatMap(({ code, subject }) => (code === null ? [] : [{ code, subject }]))
  return { user: rows[0]?.user, broken }
}
