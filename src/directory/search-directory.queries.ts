// The query that searches the directory by a prefix. However large the directory, it reads a bounded number of rows.
import { type SQL, sql } from 'drizzle-orm'
import type { SQLiteColumn } from 'drizzle-orm/sqlite-core'
import { bind, type Database } from '../database/database.ts'
import { type Slots, statement } from '../database/statement.ts'
import { groups } from '../groups/group.table.ts'
import { selectPartition } from '../partitions/find-partition.ts'
import { directoryEntities as entities } from './directory.table.ts'
import { USER_TYPE } from './member.ts'

/** How many entities an answer has at most. Assumed. */
const MAX_ENTITIES = 100

/** The kinds of entities, by their types. */
const TYPE_OF = { users: USER_TYPE.user, robotAccounts: USER_TYPE.robotAccount, applications: USER_TYPE.application }

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

type Search = Kinds & { partition: string; prefix: string }

/** A range of an index: the column's own collation makes it hold in any case. U+10FFFF ends every continuation. */
const startsWith = (v: Slots<Search>, column: SQLiteColumn) => sql`
  ${column} >= ${v.prefix} and ${column} < ${v.prefix} || char(1114111)`

function entitiesBy(v: Slots<Search>, kind: keyof typeof TYPE_OF, column: SQLiteColumn) {
  // The index of addresses is partial: SQLite uses it only where its own condition stands.
  const address = column === entities.email ? sql`and ${column} <> ''` : sql``
  return sql`
    select 'entity' as kind, ${entities.seq} as seq, ${column} as matched from ${entities}
    where ${v[kind]} and ${entities.partitionId} = ${v.partition}
      and ${entities.type} = ${sql.raw(String(TYPE_OF[kind]))} ${address} and ${startsWith(v, column)}`
}

const groupsByName = (v: Slots<Search>) => sql`
  select 'group' as kind, ${groups.seq} as seq, ${groups.name} as matched from ${groups}
  where ${v.groups} and ${groups.partitionId} = ${v.partition} and ${startsWith(v, groups.name)}`

// Each term reads an index in its order and the compound merges them, so that rows beyond the limit are not read.
const merged = (limit: number, ...terms: SQL[]) => sql`
  ${sql.join(terms, sql` union all `)} order by matched collate nocase limit ${sql.raw(String(limit))}`

// Nested, because D1 refuses a compound of more than five terms. An entity is found once by each of its texts, so that
// the
// limit for 100 different ones is 100 times the number of texts.
const candidates = (v: Slots<Search>) =>
  merged(
    3 * MAX_ENTITIES,
    entitiesBy(v, 'users', entities.name),
    entitiesBy(v, 'users', entities.displayName),
    entitiesBy(v, 'users', entities.email),
    groupsByName(v),
    sql`select * from (${merged(
      2 * MAX_ENTITIES,
      entitiesBy(v, 'robotAccounts', entities.name),
      entitiesBy(v, 'robotAccounts', entities.displayName),
      entitiesBy(v, 'applications', entities.name),
      entitiesBy(v, 'applications', entities.displayName),
    )})`,
  )

// Left joins keep the compound outermost: rows come in its order, and nothing is sorted again.
// Users of another source than asked for are dropped after the limit: an answer may have fewer entities than match.
const search = statement<Search, FoundRow>(
  (v, row) => sql`
    select ${row({
      source: sql`coalesce(${entities.source}, 'local')`,
      id: sql`coalesce(${entities.id}, ${groups.id})`,
      name: sql`coalesce(${entities.name}, ${groups.name})`,
      displayName: sql`coalesce(${entities.displayName}, ${groups.name})`,
      email: entities.email,
      type: entities.type,
    })}
    from (select distinct kind, seq from (${candidates(v)}) limit ${sql.raw(String(MAX_ENTITIES))}) found
    left join ${entities} on found.kind = 'entity' and ${entities.seq} = found.seq
    left join ${groups} on found.kind = 'group' and ${groups.seq} = found.seq
    where ${v.userSource} = 'any' or ${entities.type} is not ${sql.raw(String(USER_TYPE.user))}
      or (${v.userSource} = 'local') = (${entities.source} = 'local')`,
  { touches: 'partition' },
)

/** The first entities and groups one of whose names begins with `prefix`; undefined if the partition is unknown. */
export async function searchDirectory(database: Database, partition: string, prefix: string, kinds: Kinds) {
  const [[found], rows] = await database.batch(
    bind(selectPartition, { partition }),
    bind(search, { partition, prefix, ...kinds }),
  )
  return found && rows
}
