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
const MOST = sql.raw('100')

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

// The first matches of one index. An entity that is among the first of all is among the first by the text it matched
// with, so that nothing is lost by not looking further.
const branch = (kind: string, from: SQL, seq: SQL, column: SQL, condition: SQL) => sql`
  select * from (
    select ${sql.raw(`'${kind}'`)} as kind, ${seq} as seq, ${column} as matched from ${from}
    where ${startsWith(column)} and ${condition}
    order by ${column} limit ${MOST})`

function entityBranch(wanted: string, type: number, column: 'name' | 'displayName' | 'email') {
  // The index of addresses has those that are there, of users.
  const address = column === 'email' ? sql`and ${entities.email} <> ''` : sql``
  const condition = sql`
    ${placeholder(wanted)} and ${entities.partitionId} = ${placeholder('partition')}
    and ${entities.type} = ${sql.raw(String(type))} ${address}`
  return branch('entity', sql`${entities}`, sql`${entities.seq}`, sql`${entities[column]}`, condition)
}

// D1 takes five terms in one compound select, which may be a compound itself.
const unionOf = (...terms: SQL[]) => sql.join(terms, sql` union all `)
const nested = (...terms: SQL[]) => sql`select * from (${unionOf(...terms)})`

const branches = () =>
  unionOf(
    nested(
      entityBranch('users', USER_TYPE.user, 'name'),
      entityBranch('users', USER_TYPE.user, 'displayName'),
      entityBranch('users', USER_TYPE.user, 'email'),
    ),
    nested(
      entityBranch('robotAccounts', USER_TYPE.robotAccount, 'name'),
      entityBranch('robotAccounts', USER_TYPE.robotAccount, 'displayName'),
      entityBranch('applications', USER_TYPE.application, 'name'),
      entityBranch('applications', USER_TYPE.application, 'displayName'),
    ),
    branch(
      'group',
      sql`${groups}`,
      sql`${groups.seq}`,
      sql`${groups.name}`,
      sql`${placeholder('groups')} and ${groups.partitionId} = ${placeholder('partition')}`,
    ),
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

// Users of another source than asked for are dropped at the end: there may be more matches behind them.
const search = statement<Search, FoundRow>(
  () => sql`
    select coalesce(${entities.source}, 'local') as "source", coalesce(${entities.id}, ${groups.id}) as "id",
      coalesce(${entities.name}, ${groups.name}) as "name",
      coalesce(${entities.displayName}, ${groups.name}) as "displayName",
      ${entities.email} as "email", ${entities.type} as "type"
    from (
      select kind, seq, min(matched collate nocase) as first from (${branches()})
      group by kind, seq order by first collate nocase, kind, seq limit ${MOST}) found
    left join ${entities} on found.kind = 'entity' and ${entities.seq} = found.seq
    left join ${groups} on found.kind = 'group' and ${groups.seq} = found.seq
    where ${placeholder('userSource')} = 'any' or ${entities.type} is not ${sql.raw(String(USER_TYPE.user))}
      or (${placeholder('userSource')} = 'local') = (${entities.source} = 'local')
    order by found.first collate nocase, found.kind, found.seq`,
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
