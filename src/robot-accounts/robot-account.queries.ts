// Queries that read robot accounts: one, or a page of them.
import { and, eq, type SQL, sql } from 'drizzle-orm'
import { bind } from '../database/bound.ts'
import type { Database } from '../database/database.ts'
import { select } from '../database/query-builder.ts'
import { type Slots, type Statement, statement } from '../database/statement.ts'
import { directoryCounts, directoryEntities as robots } from '../directory/directory.table.ts'
import { USER_TYPE } from '../directory/member.ts'
import { groupIdsOf } from '../directory/memberships.ts'
import { type SearchValues, searchFor, searchIn } from '../directory/search-term.ts'
import { MemoryByName } from '../http/isolate-memory.ts'
import { selectPartition } from '../partitions/find-partition.ts'
import type { SortField } from './robot-account.schema.ts'

/** A robot account by its id, and the partition that id is unique in. */
export interface RobotKey {
  partition: string
  robot: string
}

export interface RobotRow {
  id: string
  name: string
  displayName: string
  creationTime: string
  lastLoginTime: string | null
  /** A JSON array of ids. */
  groupIds: string
}

/** The UserType of a robot account, for SQL. */
export const robotType = sql.raw(String(USER_TYPE.robotAccount))

const robotFields = {
  id: robots.id,
  name: robots.name,
  displayName: robots.displayName,
  creationTime: robots.creationTime,
  lastLoginTime: robots.lastLoginTime,
  groupIds: groupIdsOf(),
}

/** Holds for the robot accounts of the partition. */
const areRobots = (v: Slots<{ partition: string }>) => sql`
  ${robots.partitionId} = ${v.partition} and ${robots.type} = ${robotType}`

/** Holds for the one robot account that `robot` names. */
export const isRobot = (v: Slots<RobotKey>): SQL => sql`${areRobots(v)} and ${robots.id} = ${v.robot}`

export const selectRobot = statement<RobotKey, RobotRow & { stamp: string }>(
  (v, row) => sql`
    select ${row({ ...robotFields, stamp: robots.concurrencyStamp })} from ${robots} where ${isRobot(v)}`,
  { touches: 'partition' },
)

/** The robot account; `partition` and `robot` are undefined where they are unknown. */
export async function findRobot(database: Database, key: RobotKey) {
  const { partition, robot } = key
  const [[found], [row]] = await database.batch(
    bind(selectPartition, { partition }),
    bind(selectRobot, { partition, robot }),
  )
  return { partition: found?.id, robot: row }
}

const finds = searchIn([robots.name, robots.displayName])

const countAll = statement(
  (v: Slots<{ partition: string }>) =>
    select({ count: directoryCounts.count })
      .from(directoryCounts)
      .where(and(eq(directoryCounts.partitionId, v.partition), eq(directoryCounts.type, USER_TYPE.robotAccount))),
  { touches: 'partition' },
)

const countMatches = statement(
  (v: Slots<SearchValues & { partition: string }>) =>
    select({ count: sql<number>`count(*)` })
      .from(robots)
      .where(and(areRobots(v), finds(v, 'inexact'))),
  { touches: 'partition' },
)

// The unary plus keeps SQLite from sorting by the index on ids, which would read users as well as robot accounts.
const SORT: Record<SortField | 'directory', SQL> = {
  directory: sql`${robots.seq}`,
  id: sql`+${robots.id}`,
  name: sql`${robots.name}`,
  displayName: sql`${robots.displayName}`,
  creationTime: sql`${robots.creationTime}`,
  lastLoginTime: sql`${robots.lastLoginTime}`,
  groupIds: groupIdsOf(),
}

/** `all` is for the page without a search. */
type Page = SearchValues & { partition: string; all: boolean; top: number; skip: number }

// Where an index has the order, rows before the page are skipped in it; only the page's rows are read from the table.
function pageBy(field: keyof typeof SORT, direction: SQL) {
  const order = () => sql`${SORT[field]} ${direction}, ${robots.seq} ${direction}`
  return statement<Page, RobotRow>(
    (v, row) => sql`
      select ${row(robotFields)}
      from (
        select ${robots.seq} from ${robots}
        where ${areRobots(v)} and (${v.all} or ${finds(v, 'inexact')})
        order by ${order()} limit ${v.top} offset ${v.skip}) page
      cross join ${robots} on ${robots.seq} = page.seq
      order by ${order()}`,
    { touches: 'partition' },
  )
}

const pages = new MemoryByName<Statement<Page, RobotRow>>('robotPages')

const pageInOrder = (field: keyof typeof SORT, direction: 'asc' | 'desc') =>
  pages.getOrMake(`${field} ${direction}`, () => pageBy(field, sql.raw(direction)))

/** Which robot accounts, and in which order. `sortBy` undefined is directory order. */
export interface Listing {
  top: number
  skip: number
  /** A part of the name or display name, in any case. */
  searchTerm?: string | undefined
  sortBy?: SortField | undefined
  sortOrder: 'asc' | 'desc'
}

/** A page of the partition's robot accounts; `partition` is undefined if it is unknown. */
export async function pageRobots(database: Database, partition: string, listing: Listing) {
  const { top, skip, sortBy, sortOrder } = listing
  const all = !listing.searchTerm
  const { kind, ...search } = searchFor(listing.searchTerm ?? '')
  const [[found], [counted], robots] = await database.batch(
    bind(selectPartition, { partition }),
    all ? bind(countAll, { partition }) : bind(countMatches, { partition, ...search }),
    bind(pageInOrder(sortBy ?? 'directory', sortOrder), { partition, ...search, all, top, skip }),
  )
  return { partition: found?.id, totalCount: counted?.count ?? 0, robots }
}
