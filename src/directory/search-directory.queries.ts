// The one question to D1 that searches the directory by a prefix, whatever its size in a bounded number of rows.
import { type SQL, sql } from 'drizzle-orm'
import { bind, type Database } from '../database/database.ts'
import { statement } from '../database/statement.ts'
import { groups } from '../groups/group.table.ts'
import { selectPartition } from '../partitions/find-partition.ts'
import { directoryEntities as entities } from './directory.table.ts'
import { USER_TYPE } from './member.ts'

const { placeholder } = sql

/** How many entities an answer has at most. Assumed. */
const MOST = 100

/** An entity or a group; `type` is null for a group. */
export interface FoundRow {
  source: string
  id: string
  name: string
  displayName: string
  email: string | null
  type: number | null
}

/** Which kinds to look for. Users are those of one source, or of any. */
export interface Kinds {
  users: boolean
  userSource: 'any' | 'local' | 'directory'
  groups: boolean
  robotAccounts: boolean
  applications: boolean
}

/** A range of an index: the column's own collation makes it hold in any case. U+10FFFF ends every continuation. */
const startsWith = (column: SQL) => sql`
  ${column} >= ${placeholder('prefix')} and ${column} < ${placeholder('prefix')} || char(1114111)`

function entitiesBy(wanted: string, type: number, column: 'name' | 'displayName' | 'email') {
  // The index of addresses has those that are there, of users.
  const address = column === 'email' ? sql`and ${entities.email} <> ''` : sql``
  return sql`
    select 'entity' as kind, ${entities.seq} as seq, ${entities[column]} as matched from ${entities}
    where ${placeholder(wanted)} and ${entities.partitionId} = ${placeholder('partition')}
      and ${entities.type} = ${sql.raw(String(type))} ${address} and ${startsWith(sql`${entities[column]}`)}`
}

const groupsByName = () => sql`
  select 'group' as kind, ${groups.seq} as seq, ${groups.name} as matched from ${groups}
  where ${placeholder('groups')} and ${groups.partitionId} = ${placeholder('partition')}
    and ${startsWith(sql`${groups.name}`)}`

// Each term reads an index in its order, and the compound merges them: it reads what it gives, and no more.
const merged = (limit: number, ...terms: SQL[]) => sql`
  ${sql.join(terms, sql` union all `)} order by matched collate nocase limit ${sql.raw(String(limit))}`

// D1 takes five terms in one compound. An entity is found by each of its texts, so that 100 of them are among 100 times
// as many rows as it has texts.
const candidates = () =>
  merged(
    3 * MOST,
    entitiesBy('users', USER_TYPE.user, 'name'),
    entitiesBy('users', USER_TYPE.user, 'displayName'),
    entitiesBy('users', USER_TYPE.user, 'email'),
    groupsByName(),
    sql`select * from (${merged(
      2 * MOST,
      entitiesBy('robotAccounts', USER_TYPE.robotAccount, 'name'),
      entitiesBy('robotAccounts', USER_TYPE.robotAccount, 'displayName'),
      entitiesBy('applications', USER_TYPE.application, 'name'),
      entitiesBy('applications', USER_TYPE.application, 'displayName'),
    )})`,
  )

interface Search {
  partition: string
  prefix: string
  users: number
  groups: number
  robotAccounts: number
  applications: number
  userSource: string
}

// What the compound merged comes out in its order: the left joins keep it outermost, and nothing is sorted again.
// Users of another source than asked for are dropped at the end: there may be more matches behind them.
const search = statement<Search, FoundRow>(
  () => sql`
    select coalesce(${entities.source}, 'local') as "source", coalesce(${entities.id}, ${groups.id}) as "id",
      coalesce(${entities.name}, ${groups.name}) as "name",
      coalesce(${entities.displayName}, ${groups.name}) as "displayName",
      ${entities.email} as "email", ${entities.type} as "type"
    from (select distinct kind, seq from (${candidates()}) limit ${sql.raw(String(MOST))}) found
    left join ${entities} on found.kind = 'entity' and ${entities.seq} = found.seq
    left join ${groups} on found.kind = 'group' and ${groups.seq} = found.seq
    where ${placeholder('userSource')} = 'any' or ${entities.type} is not ${sql.raw(String(USER_TYPE.user))}
      or (${placeholder('userSource')} = 'local') = (${entities.source} = 'local')`,
)

/** The first entities and groups one of whose names begins with `prefix`; undefined if the partition is unknown. */
export async function searchDirectory(database: Database, partition: string, prefix: string, kinds: Kinds) {
  const { userSource, ...wanted } = kinds
  const [[found], rows] = await database.batch(
    bind(selectPartition, { partition }),
    bind(search, {
      partition,
      prefix,
      users: Number(wanted.users),
      groups: Number(wanted.groups),
      robotAccounts: Number(wanted.robotAccounts),
      applications: Number(wanted.applications),
      userSource,
    }),
  )
  return found && rows
}
