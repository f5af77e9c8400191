// The query that searches the directory by a prefix. However large the directory, it reads a bounded number of rows.
import { type SQL, type SQLWrapper, sql } from 'drizzle-orm'
import type { SQLiteColumn } from 'drizzle-orm/sqlite-core'
import { bind } from '../database/bound.ts'
import type { Database } from '../database/database.ts'
import { type Slots, statement } from '../database/statement.ts'
import { groups } from '../groups/group.table.ts'
import { selectPartition } from '../partitions/find-partition.ts'
import { directoryEntities as entities } from './directory.table.ts'
import { USER_TYPE } from './member.ts'
import { beginsWith, type SearchValues, searchFor } from './search-term.ts'
import { spelledPrefixes } from './spelled-prefixes.ts'

/** How many entities an answer has at most. Assumed, as is their order: that of the texts that matched. */
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

/** What one of the texts of a kind of entity is found by. */
type TermOf<Values extends Search> = (
  v: Slots<Values>,
  kind: keyof typeof TYPE_OF | 'groups',
  text: SQLiteColumn,
) => SQL

/** The rows of a kind whose text may match, to be narrowed by what follows. */
function wanted(v: Slots<Search>, kind: keyof typeof TYPE_OF | 'groups', text: SQLiteColumn): SQL {
  if (kind === 'groups') return sql`${groups} where ${v.groups} and ${groups.partitionId} = ${v.partition}`
  // The index of addresses is partial: SQLite uses it only where its own condition stands.
  const address = text === entities.email ? sql`and ${text} <> ''` : sql``
  return sql`
    ${entities} where ${v[kind]} and ${entities.partitionId} = ${v.partition}
      and ${entities.type} = ${sql.raw(String(TYPE_OF[kind]))} ${address}`
}

const found = (kind: keyof typeof TYPE_OF | 'groups') =>
  kind === 'groups' ? { name: sql`'group'`, seq: groups.seq } : { name: sql`'entity'`, seq: entities.seq }

/** A range of an index: the column's own collation makes it hold in any case. U+10FFFF ends every continuation. */
const startsWith = (text: SQLiteColumn, prefix: SQLWrapper) => sql`
  ${text} >= ${prefix} and ${text} < ${prefix} || char(1114111)`

const byPrefix: TermOf<Search> = (v, kind, text) => {
  const { name, seq } = found(kind)
  return sql`
    select ${name} as kind, ${seq} as seq, ${text} as matched from ${wanted(v, kind, text)} and ${startsWith(text, v.prefix)}`
}

/** `prefixes` is a JSON array of the ways in which the prefix is written. */
type SpelledSearch = Search & SearchValues & { prefixes: string }

// A subquery for each of the prefixes, so that each reads no more than there can be in an answer.
const bySpelledPrefixes: TermOf<SpelledSearch> = (v, kind, text) => {
  const { name, seq } = found(kind)
  return sql`
    select ${name} as kind, found.value ->> 0 as seq, found.value ->> 1 as matched
    from json_each(${v.prefixes}) spelled cross join json_each((
      select json_group_array(json_array(seq, matched)) from (
        select ${seq} as seq, ${text} as matched
        from ${wanted(v, kind, text)} and ${startsWith(text, sql`spelled.value`)}
        order by ${text} limit ${sql.raw(String(MAX_ENTITIES))}))) found`
}

// Each term reads an index in its order and the compound merges them, so that rows beyond the limit are not read.
const merged = (limit: number, ...terms: SQL[]) => sql`
  ${sql.join(terms, sql` union all `)} order by matched collate nocase limit ${sql.raw(String(limit))}`

// Nested, because D1 refuses a compound of more than five terms. An entity is found by each of its texts, as often as a term
// finds one, so that the limit for 100 different ones is as many times 100.
const candidates = <Values extends Search>(v: Slots<Values>, termOf: TermOf<Values>, times: number) =>
  merged(
    5 * times * MAX_ENTITIES,
    termOf(v, 'users', entities.name),
    termOf(v, 'users', entities.displayName),
    termOf(v, 'users', entities.email),
    termOf(v, 'groups', groups.name),
    sql`select * from (${merged(
      2 * times * MAX_ENTITIES,
      termOf(v, 'robotAccounts', entities.name),
      termOf(v, 'robotAccounts', entities.displayName),
      termOf(v, 'applications', entities.name),
      termOf(v, 'applications', entities.displayName),
    )})`,
  )

// Left joins keep the compound outermost: rows come in its order, and nothing is sorted again.
// Users of another source than asked for are dropped after the limit: an answer may have fewer entities than match.
const searchBy = <Values extends Search>(termOf: TermOf<Values>, matches: (v: Slots<Values>) => SQL, times: number) =>
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
    from (select distinct kind, seq from (${candidates(v, termOf, times)}) ${matches(v)} limit ${sql.raw(String(MAX_ENTITIES))}) found
    left join ${entities} on found.kind = 'entity' and ${entities.seq} = found.seq
    left join ${groups} on found.kind = 'group' and ${groups.seq} = found.seq
    where ${v.userSource} = 'any' or ${entities.type} is not ${sql.raw(String(USER_TYPE.user))}
      or (${v.userSource} = 'local') = (${entities.source} = 'local')`,
    { touches: 'partition' },
  )

const search = searchBy<Search>(byPrefix, () => sql``, 1)
// Of a prefix that was cut, many a text has the beginning alone.
const searchSpelled = searchBy<SpelledSearch>(bySpelledPrefixes, (v) => sql`where ${beginsWith(v, sql`matched`)}`, 8)

/** The first entities and groups one of whose names begins with `prefix`; undefined if the partition is unknown. */
export async function searchDirectory(database: Database, partition: string, prefix: string, kinds: Kinds) {
  const values = { partition, prefix, ...kinds }
  // The database itself folds ASCII.
  const isAscii = /^[\x20-\x7e]*$/.test(prefix)
  const [[known], rows] = await database.batch(
    bind(selectPartition, { partition }),
    isAscii
      ? bind(search, values)
      : bind(searchSpelled, { ...values, ...searchFor(prefix), prefixes: JSON.stringify(spelledPrefixes(prefix)) }),
  )
  return known && rows
}
