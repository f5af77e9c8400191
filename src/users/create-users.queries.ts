// The questions to D1 that create users: all of a list or none, or each that can be.
import { type SQL, sql } from 'drizzle-orm'
import { bind, type Database } from '../database/database.ts'
import { statement } from '../database/statement.ts'
import { directoryEntities } from '../directory/directory.table.ts'
import { USER_TYPE } from '../directory/member.ts'
import { countAdded, countEntering, enterGroups } from '../directory/memberships.ts'
import { partitions } from '../partitions/partition.table.ts'
import type { Broken } from './identity-errors.ts'
import {
  type BrokenRow,
  type CheckedRow,
  foundBefore,
  someUnknownGroups,
  takenByOthers,
  unknownGroups,
  weakPassword,
} from './rules.ts'
import { type UserRow, userColumns } from './user.queries.ts'
import { users } from './user.table.ts'

export interface NewUser {
  id: string
  userName: string
  email: string
  name: string | null
  surname: string | null
  /** Null for the one made of the other names. */
  displayName: string | null
  /** Null for the next one. */
  legacyId: number | null
  bypassBasicAuthRestriction: boolean
  invitationAccepted: boolean
  passwordHash: string | null
}

interface Creation {
  partition: string
  now: string
  /** Rules that are known to be broken before the database is asked. */
  found: readonly RowRule[]
}

/** A broken rule and the place in the list of the user that breaks it. */
export interface RowRule extends Broken {
  row: number
}

type Checks = { partition: string; users: string; found: string; wanted: string; features: string | null }
type Written = { partition: string; users: string; stamp: string }

const { placeholder } = sql

// Nested, as D1 takes five selects in one union.
const rules = (groups: SQL) => sql`
  ${foundBefore} union all select * from (${takenByOthers}) union all ${groups} union all ${weakPassword}`

const rulesOfAll = rules(someUnknownGroups)
const rulesOfEach = rules(unknownGroups)

const check = (rules: SQL) =>
  statement<Checks, CheckedRow>(
    () => sql`
      select ${partitions.id} as "partition", broken."row" as "row", broken.code as "code", broken.subject as "subject"
      from ${partitions} left join (${rules}) broken on true
      where ${partitions.id} = ${placeholder('partition')}`,
  )

const checkAll = check(rulesOfAll)
const checkEach = check(rulesOfEach)

const displayName = sql`coalesce(
  listed.value ->> 'displayName',
  nullif(trim(coalesce(listed.value ->> 'name', '') || ' ' || coalesce(listed.value ->> 'surname', '')), ''),
  listed.value ->> 'userName')`

const insertEntities = (allowed: SQL) =>
  statement<Checks & Written & { now: string }>(
    () => sql`
      insert into ${directoryEntities}
        (partition_id, id, type, name, email, display_name, first_name, last_name, creation_time, concurrency_stamp)
      select ${partitions.id}, listed.value ->> 'id', 0, listed.value ->> 'userName', listed.value ->> 'email',
        ${displayName}, listed.value ->> 'name', listed.value ->> 'surname', ${placeholder('now')},
        ${placeholder('stamp')}
      from json_each(${placeholder('users')}) listed
      cross join ${partitions} on ${partitions.id} = ${placeholder('partition')}
      where ${allowed} order by listed.key`,
  )

const insertAll = insertEntities(sql`not exists (${rulesOfAll})`)
const insertEach = insertEntities(sql`listed.key not in (select "row" from (${rulesOfEach}))`)

// Compared by the stamp as well: an account that was there before keeps what it has.
const written = sql`
  json_each(${placeholder('users')}) listed
  cross join ${directoryEntities}
    on ${directoryEntities.partitionId} = ${placeholder('partition')}
    and ${directoryEntities.id} = listed.value ->> 'id'
    and ${directoryEntities.concurrencyStamp} = ${placeholder('stamp')}`

const insertUsers = statement<Written>(
  () => sql`
    insert into ${users}
      (entity_seq, legacy_id, bypass_basic_auth_restriction, invitation_accepted, password_hash)
    select ${directoryEntities.seq}, coalesce(listed.value ->> 'legacyId', ${directoryEntities.seq}),
      listed.value ->> 'bypassBasicAuthRestriction', listed.value ->> 'invitationAccepted',
      listed.value ->> 'passwordHash'
    from ${written} order by listed.key`,
)

const selectWritten = statement<Written, UserRow>(
  () => sql`
    select ${userColumns()} from ${written} cross join ${users} on ${users.entitySeq} = ${directoryEntities.seq}
    order by listed.key`,
)

/** The users that broke a rule by their place in the list, and whether the partition is known at all. */
function outcome(rows: readonly CheckedRow[]) {
  const broken = rows.flatMap(({ row, code, subject }) => (code === null ? [] : [{ row, code, subject }]))
  // Stable: what one user breaks stays in the order of the rules.
  return { known: rows.length > 0, broken: broken.sort(byRow) }
}

const byRow = (one: Pick<BrokenRow, 'row'>, other: Pick<BrokenRow, 'row'>) => (one.row ?? 1e9) - (other.row ?? 1e9)

const valuesFor = ({ partition, now, found }: Creation, listed: readonly NewUser[]) => ({
  partition,
  now,
  users: JSON.stringify(listed),
  found: JSON.stringify(found.map(({ row, code, subject }) => [row, code, subject])),
  entities: idsOf(listed),
  stamp: crypto.randomUUID(),
  type: USER_TYPE.user,
})

const idsOf = (listed: readonly NewUser[]) => JSON.stringify(listed.map(({ id }) => id))

/**
 * Creates all of `listed` in all of `groups`, or nothing if a rule is broken; `features` are those of the password they
 * are created with, null if none is to be checked.
 */
export async function createUsers(
  database: Database,
  creation: Creation & { listed: readonly NewUser[]; groups: readonly string[]; features: string | null },
) {
  const { listed, groups, features } = creation
  const written = { ...valuesFor(creation, listed), groups: JSON.stringify(groups) }
  const checks = { ...written, features, wanted: JSON.stringify([groups]) }
  const [rows, , , , , , created] = await database.batch(
    bind(checkAll, checks),
    bind(insertAll, checks),
    bind(insertUsers, written),
    bind(countAdded, written),
    bind(countEntering, written),
    bind(enterGroups, written),
    bind(selectWritten, written),
  )
  return { ...outcome(rows), created }
}

/** A user to create in groups of its own. */
export interface Invitation {
  user: NewUser
  groups: readonly string[]
}

/** Creates each user that breaks no rule; the others are named in `broken`. */
export async function inviteUsers(database: Database, creation: Creation & { invitations: readonly Invitation[] }) {
  const { invitations } = creation
  const listed = invitations.map(({ user }) => user)
  const written = valuesFor(creation, listed)
  const checks = { ...written, features: null, wanted: JSON.stringify(invitations.map(({ groups }) => groups)) }
  const entering = [...byGroups(invitations)].flatMap(([groups, entering]) => {
    const values = { ...written, groups, entities: idsOf(entering) }
    return [bind(countEntering, values), bind(enterGroups, values)]
  })
  const [rows] = await database.batch(
    bind(checkEach, checks),
    bind(insertEach, checks),
    bind(insertUsers, written),
    bind(countAdded, written),
    ...entering,
  )
  return outcome(rows)
}

/** Those who enter the same groups enter them together. */
function byGroups(invitations: readonly Invitation[]): Map<string, NewUser[]> {
  const sets = new Map<string, NewUser[]>()
  for (const { user, groups } of invitations) {
    if (groups.length === 0) continue
    const key = JSON.stringify([...groups].sort())
    sets.set(key, [...(sets.get(key) ?? []), user])
  }
  return sets
}
