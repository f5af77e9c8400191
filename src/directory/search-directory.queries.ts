// The query that searches the directory by a prefix. However large the directory, it reads a bounded number of rows.
import { type SQL, sql } from 'drizzle-orm'
import type { SQLiteColumn } from 'drizzle-orm/sqlite-core'
import { bind, type Database } from '../database/database.ts'
import { type Slots, statement } from '../database/statement.ts'
import { groupNameKeys, groups } from '../groups/group.table.ts'
import { foldName } from '../http/fold-name.ts'
import { selectPartition } from '../partitions/find-partition.ts'
import { directoryEntities as entities, nameKeys } from './directory.table.ts'
import { USER_TYPE } from './member.ts'
import type { NameKind } from './name-keys.ts'

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
const candidates = (v: Slots<Search>, ...byKey: SQL[]) =>
  merged(
    5 * MAX_ENTITIES,
    entitiesBy(v, 'users', entities.name),
    entitiesBy(v, 'users', entities.displayName),
    entitiesBy(v, 'users', entities.email),
    groupsByName(v),
    sql`select * from (${merged(
      3 * MAX_ENTITIES,
      entitiesBy(v, 'robotAccounts', entities.name),
      entitiesBy(v, 'robotAccounts', entities.displayName),
      entitiesBy(v, 'applications', entities.name),
      entitiesBy(v, 'applications', entities.displayName),
      ...byKey,
    )})`,
  )

// Left joins keep the compound outermost: rows come in its order, and nothing is sorted again.
// Users of another source than asked for are dropped after the limit: an answer may have fewer entities than match.
const searchFor = <Values extends Search>(candidates: (v: Slots<Values>) => SQL) =>
  statement<Values, FoundRow>(
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

const search = searchFor<Search>((v) => candidates(v))

/** `key` is the fold of the prefix. */
type FoldedSearch = Search & { key: string }

const hasPrefix = (v: Slots<FoldedSearch>, key: SQLiteColumn) => sql`
  ${key} >= ${v.key} and ${key} < ${v.key} || char(1114111)`

// The order of keys is not that of names: each term is cut off by itself.
const firstOf = (term: SQL, key: SQLiteColumn) => sql`
  select * from (${term} order by ${key} limit ${sql.raw(String(MAX_ENTITIES))})`

function entitiesByKey(v: Slots<FoldedSearch>, wanted: SQL, kind: NameKind) {
  const name = kind === 'email' ? entities.email : entities.name
  const term = sql`
    select 'entity' as kind, ${entities.seq} as seq, ${name} as matched
    from ${nameKeys} cross join ${entities} on ${entities.seq} = ${nameKeys.entitySeq} and ${nameKeys.name} = ${name}
    where ${wanted} and ${nameKeys.partitionId} = ${v.partition} and ${nameKeys.kind} = ${sql.raw(`'${kind}'`)}
      and ${hasPrefix(v, nameKeys.key)}`
  return firstOf(term, nameKeys.key)
}

const groupsByKey = (v: Slots<FoldedSearch>) =>
  firstOf(
    sql`
      select 'group' as kind, ${groups.seq} as seq, ${groups.name} as matched
      from ${groupNameKeys} cross join ${groups}
        on ${groups.seq} = ${groupNameKeys.groupSeq} and ${groupNameKeys.name} = ${groups.name}
      where ${v.groups} and ${groupNameKeys.partitionId} = ${v.partition} and ${hasPrefix(v, groupNameKeys.key)}`,
    groupNameKeys.key,
  )

const byKey = (v: Slots<FoldedSearch>) => sql`
  select * from (${merged(
    4 * MAX_ENTITIES,
    entitiesByKey(v, sql`${v.users}`, 'userName'),
    entitiesByKey(v, sql`${v.users}`, 'email'),
    entitiesByKey(v, sql`${v.robotAccounts}`, 'robotAccount'),
    groupsByKey(v),
  )})`

const searchFolded = searchFor<FoldedSearch>((v) => candidates(v, byKey(v)))

/** The first entities and groups one of whose names begins with `prefix`; undefined if the partition is unknown. */
export async function searchDirectory(database: Database, partition: string, prefix: string, kinds: Kinds) {
  const values = { partition, prefix, ...kinds }
  // The database itself folds ASCII.
  const [[found], rows] = await database.batch(
    bind(selectPartition, { partition }),
    /[^\x20-\x7e]/.test(prefix) ? bind(searchFolded, { ...values, key: foldName(prefix) }) : bind(search, values),
  )
  return found && rows
}
