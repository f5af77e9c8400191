// The batches that create users: all of a list or none, or each that can be.
import { type SQL, sql } from 'drizzle-orm'
import { bind } from '../database/bound.ts'
import type { Database } from '../database/database.ts'
import { insertSelect } from '../database/query-builder.ts'
import { type Slots, statement } from '../database/statement.ts'
import { directoryEntities, nameKeys } from '../directory/directory.table.ts'
import { USER_TYPE } from '../directory/member.ts'
import { addToGroups, raiseEntityCount, raiseMemberCounts } from '../directory/memberships.ts'
import { type NameKind, replaceKeys } from '../directory/name-keys.ts'
import { partitions } from '../partitions/partition.table.ts'
import type { NewUser, RowRule } from './new-users.ts'
import {
  type BrokenRow,
  brokenFields,
  type CheckedRow,
  foreignPortals,
  foundBefore,
  groupsNotFound,
  someGroupsNotFound,
  takenByOthers,
  weakPassword,
} from './rules.ts'
import { type UserRow, userFields } from './user.queries.ts'
import { users } from './user.table.ts'

interface Creation {
  partition: string
  now: string
  /** Rules that are known to be broken before the database is asked. */
  found: readonly RowRule[]
}

type Checks = { partition: string; users: string; found: string; wanted: string; features: string | null }
type Written = { partition: string; users: string; stamp: string }

/** `organizations` is a JSON array of what each invitation's redirect names. */
type ChecksOfEach = Checks & { organizations: string }

type Rules<Values extends Checks> = (v: Slots<Values>) => SQL

// Nested, because D1 refuses a compound of more than five selects.
const rules = (v: Slots<Checks>, groups: SQL) => sql`
  ${foundBefore(v)} union all select * from (${takenByOthers(v)}) union all ${groups} union all ${weakPassword(v)}`

const rulesOfAll: Rules<Checks> = (v) => rules(v, someGroupsNotFound(v))
const rulesOfEach: Rules<ChecksOfEach> = (v) => sql`${foreignPortals(v)} union all ${rules(v, groupsNotFound(v))}`

const check = <Values extends Checks>(rules: Rules<Values>) =>
  statement<Values, CheckedRow>(
    (v, row) => sql`
      select ${row({ partition: partitions.id, ...brokenFields })}
      from ${partitions} left join (${rules(v)}) broken on true
      where ${partitions.id} = ${v.partition}`,
    { touches: 'partition' },
  )

const checkAll = check(rulesOfAll)
const checkEach = check(rulesOfEach)

/** A property of a listed user. */
const given = (property: keyof NewUser) => sql`listed.value ->> ${sql.raw(`'${property}'`)}`

const displayName = sql`coalesce(
  ${given('displayName')},
  nullif(trim(coalesce(${given('name')}, '') || ' ' || coalesce(${given('surname')}, '')), ''),
  ${given('userName')})`

const insertEntities = <Values extends Checks>(allowed: Rules<Values>) =>
  statement<Values & Written & { now: string }>(
    (v) =>
      insertSelect(
        directoryEntities,
        {
          partitionId: partitions.id,
          id: given('id'),
          type: sql`0`,
          name: given('userName'),
          email: given('email'),
          displayName,
          firstName: given('name'),
          lastName: given('surname'),
          creationTime: v.now,
          concurrencyStamp: v.stamp,
        },
        sql`from json_each(${v.users}) listed cross join ${partitions} on ${partitions.id} = ${v.partition}
          where ${allowed(v)} order by listed.key`,
      ),
    { touches: 'partition' },
  )

const insertAll = insertEntities<Checks>((v) => sql`not exists (${rulesOfAll(v)})`)
const insertEach = insertEntities<ChecksOfEach>((v) => sql`listed.key not in (select "row" from (${rulesOfEach(v)}))`)

// Compares the stamp as well: an account that had the id before must not be given the rows of one that was refused.
const written = (v: Slots<Written>) => sql`
  json_each(${v.users}) listed
  cross join ${directoryEntities}
    on ${directoryEntities.partitionId} = ${v.partition}
    and ${directoryEntities.id} = ${given('id')}
    and ${directoryEntities.concurrencyStamp} = ${v.stamp}`

const insertUsers = statement<Written>(
  (v) =>
    insertSelect(
      users,
      {
        entitySeq: directoryEntities.seq,
        legacyId: sql`coalesce(${given('legacyId')}, ${directoryEntities.seq})`,
        bypassBasicAuthRestriction: given('bypassBasicAuthRestriction'),
        invitationAccepted: given('invitationAccepted'),
        passwordHash: given('passwordHash'),
      },
      sql`from ${written(v)} order by listed.key`,
    ),
  { touches: 'partition' },
)

/** The kinds of names that a user has, each under the property of the list that has it. */
const KINDS = JSON.stringify(['userName', 'email'] satisfies NameKind[])

const insertKeys = statement<Written>(
  (v) =>
    insertSelect(
      nameKeys,
      {
        partitionId: v.partition,
        kind: sql`kinds.value`,
        key: sql`listed.value ->> (kinds.value || 'Key')`,
        name: sql`listed.value ->> kinds.value`,
        entitySeq: directoryEntities.seq,
      },
      sql`from ${written(v)} cross join json_each(${sql.raw(`'${KINDS}'`)}) kinds
        where listed.value ->> kinds.value <> '' ${replaceKeys}`,
    ),
  { touches: 'partition' },
)

const selectWritten = statement<Written, UserRow>(
  (v, row) => sql`
    select ${row(userFields)} from ${written(v)} cross join ${users} on ${users.entitySeq} = ${directoryEntities.seq}
    order by listed.key`,
  { touches: 'partition' },
)

/** The rules that are broken, in the order of the list of users; `partition` is undefined if it is unknown. */
function outcome(rows: readonly CheckedRow[]) {
  const broken = rows.flatMap(({ row, code, subject }) => (code === null ? [] : [{ row, code, subject }]))
  // Stable: what one user breaks stays in the order of the rules.
  return { partition: rows[0]?.partition, broken: broken.sort(byRow) }
}

/** In the order of the list; rules about the whole request, which have no row, come last. */
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
  const [rows, , , , , , , created] = await database.batch(
    bind(checkAll, checks),
    bind(insertAll, checks),
    bind(insertUsers, written),
    bind(insertKeys, written),
    bind(raiseEntityCount, written),
    bind(raiseMemberCounts, written),
    bind(addToGroups, written),
    bind(selectWritten, written),
  )
  return { ...outcome(rows), created }
}

/** A user to create in groups of its own. */
export interface Invitation {
  user: NewUser
  groups: readonly string[]
}

/** Invitations, and the organizations that the redirect of each names; undefined for one that is no portal's. */
interface Invitations extends Creation {
  invitations: readonly Invitation[]
  organizations: readonly (readonly string[] | undefined)[]
}

/** Creates each user that breaks no rule; the others are named in `broken`. */
export async function inviteUsers(database: Database, creation: Invitations) {
  const { invitations, organizations } = creation
  const listed = invitations.map(({ user }) => user)
  const written = valuesFor(creation, listed)
  const checks = {
    ...written,
    features: null,
    wanted: JSON.stringify(invitations.map(({ groups }) => groups)),
    organizations: JSON.stringify(organizations.map((named) => named ?? [])),
  }
  const additions = [...byGroups(invitations)].flatMap(([groups, users]) => {
    const values = { ...written, groups, entities: idsOf(users) }
    return [bind(raiseMemberCounts, values), bind(addToGroups, values)]
  })
  const [rows] = await database.batch(
    bind(checkEach, checks),
    bind(insertEach, checks),
    bind(insertUsers, written),
    bind(insertKeys, written),
    bind(raiseEntityCount, written),
    ...additions,
  )
  return outcome(rows)
}

/** The users of each set of groups, so that two statements add them all, instead of two for each user. */
function byGroups(invitations: readonly Invitation[]): Map<string, NewUser[]> {
  const sets = new Map<string, NewUser[]>()
  for (const { user, groups } of invitations) {
    if (groups.length === 0) continue
    const key = JSON.stringify([...groups].sort())
    sets.set(key, [...(sets.get(key) ?? []), user])
  }
  return sets
}
