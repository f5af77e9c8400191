// The query for a page of a partition's users: searched, sorted and counted in one statement.
import { type SQL, sql } from 'drizzle-orm'
import type { Database } from '../database/database.ts'
import { type Slots, type Statement, statement } from '../database/statement.ts'
import { directoryCounts, directoryEntities } from '../directory/directory.table.ts'
import { type Search, type SearchValues, searchFor, searchIn } from '../directory/search-term.ts'
import { MemoryByName } from '../http/isolate-memory.ts'
import { partitions } from '../partitions/partition.table.ts'
import { areUsers, type FoundUserRow, hasUser, userFields } from './user.queries.ts'
import type { SortField } from './user.schema.ts'
import { users } from './user.table.ts'

export interface UserPage {
  /** What any of the user's names or its email contains, in any case; empty for all users. */
  searchTerm: string
  /** Without one, in directory order. */
  sortBy: SortField | undefined
  sortOrder: 'asc' | 'desc'
  top: number
  skip: number
}

/** What a sort compares first; the directory order decides the rest, so that pages neither overlap nor leave gaps. */
interface Sort {
  key: SQL
  /** The key is a column of the table of users, which then has to be read for each user. */
  ofAccount?: boolean
}

const SORTS: Readonly<Record<SortField, Sort>> = {
  id: { key: sql`${directoryEntities.id}` },
  userName: { key: sql`${directoryEntities.name}` },
  email: { key: sql`${directoryEntities.email}` },
  emailConfirmed: { key: sql`${users.emailConfirmed}`, ofAccount: true },
  name: { key: sql`${directoryEntities.firstName} collate nocase` },
  surname: { key: sql`${directoryEntities.lastName} collate nocase` },
  displayName: { key: sql`${directoryEntities.displayName}` },
  creationTime: { key: sql`${directoryEntities.creationTime}` },
  lastModificationTime: { key: sql`${directoryEntities.lastModificationTime}` },
  lastLoginTime: { key: sql`${directoryEntities.lastLoginTime}` },
  isActive: { key: sql`${users.isActive}`, ofAccount: true },
  type: { key: sql`${directoryEntities.type}` },
  category: { key: sql`${users.category}`, ofAccount: true },
  invitationAccepted: { key: sql`${users.invitationAccepted}`, ofAccount: true },
}

const sortOf = (by: SortField | undefined): Sort | undefined => by && SORTS[by]

type Order = Pick<UserPage, 'sortOrder'> & { by: SortField | undefined }

/** Assumed: users without an email stand where an empty text does, first in ascending order. */
function orderOf({ by, sortOrder }: Order): SQL {
  const direction = sql.raw(sortOrder)
  const sort = sortOf(by)
  const bySort = sort ? sql`${sort.key} ${direction}, ` : sql``
  return sql`${bySort}${directoryEntities.seq} ${direction}`
}

const finds = searchIn([
  directoryEntities.name,
  directoryEntities.email,
  directoryEntities.displayName,
  directoryEntities.firstName,
  directoryEntities.lastName,
])

type Values = SearchValues & { partition: string; top: number; skip: number; end: number }

const accounts = sql` cross join ${users} on ${users.entitySeq} = ${directoryEntities.seq}`

const fromUsers = (by: Order['by']) => sql`from ${directoryEntities}${sortOf(by)?.ofAccount ? accounts : sql``}`

const range = (v: Slots<Values>) => sql`limit ${v.top} offset ${v.skip}`

/** A page without a search. Where an index has the order, only rows up to the end of the page are read. */
function pageInOrder(v: Slots<Values>, order: Order): SQL {
  if (order.by === 'email') return pageByEmail(v, order)
  return sql`
    select ${directoryEntities.seq} ${fromUsers(order.by)} where ${areUsers(v)} order by ${orderOf(order)} ${range(v)}`
}

// SQLite runs the terms of `union all` in order and stops at the limit: the second half is read only if the first does not
// fill the page. Each half is in the order of a partial index; a single one over all users would take more room.
function pageByEmail(v: Slots<Values>, { sortOrder }: Order): SQL {
  const direction = sql.raw(sortOrder)
  const half = (which: SQL) => sql`
    select seq from (
      select ${directoryEntities.seq} as seq from ${directoryEntities} where ${areUsers(v)} and ${which} limit ${v.end})`
  const without = half(sql`${directoryEntities.email} = '' order by ${directoryEntities.seq} ${direction}`)
  const having = half(sql`
    ${directoryEntities.email} <> ''
    order by ${directoryEntities.email} ${direction}, ${directoryEntities.seq} ${direction}`)
  return sortOrder === 'asc'
    ? sql`${without} union all ${having} ${range(v)}`
    : sql`${having} union all ${without} ${range(v)}`
}

type Listing = Statement<Values, FoundUserRow & { totalCount: number }>

const fieldsWith = (totalCount: SQL<number>) => ({ partition: partitions.id, totalCount, ...userFields })

// The joins are nested loops in this order: the partition, its page, and what each user of the page has.
const joinedTo = (v: Slots<Values>, page: SQL) => sql`
  left join (${page}) page on true
  left join ${directoryEntities} on ${directoryEntities.seq} = page.seq
  left join ${users} on ${users.entitySeq} = page.seq
  where ${partitions.id} = ${v.partition}`

const listing = (order: Order): Listing =>
  statement(
    (v, row) => sql`
      select ${row(fieldsWith(sql`coalesce(${directoryCounts.count}, 0)`))} from ${partitions}
      left join ${directoryCounts}
        on ${directoryCounts.partitionId} = ${partitions.id} and ${directoryCounts.type} = 0
      ${joinedTo(v, pageInOrder(v, order))} order by ${orderOf(order)}`,
    { touches: 'partition' },
  )

// Materialized, because both the count and the page use it: the users are scanned once, in directory order.
const searching = (order: Order, kind: Search['kind']): Listing =>
  statement(
    (v, row) => sql`
      select * from (
        with found as materialized (
          select ${directoryEntities.seq} as found_seq
          from ${directoryEntities} indexed by directory_entities_seq
          where ${areUsers(v)} and ${finds(v, kind)})
        select ${row(fieldsWith(sql`(select count(*) from found)`))} from ${partitions}
        ${joinedTo(v, pageOfFound(v, order))} order by ${orderOf(order)})`,
    { touches: 'partition' },
  )

const pageOfFound = (v: Slots<Values>, order: Order) => sql`
  select ${directoryEntities.seq} from found
  cross join ${directoryEntities} on ${directoryEntities.seq} = found_seq
  ${sortOf(order.by)?.ofAccount ? accounts : sql``}
  order by ${orderOf(order)} ${range(v)}`

const listings = new MemoryByName<Listing>('listings')

const listingFor = (order: Order, kind: Search['kind'] | 'all'): Listing =>
  listings.getOrMake(`${kind} ${order.by ?? ''} ${order.sortOrder}`, () =>
    kind === 'all' ? listing(order) : searching(order, kind),
  )

const ALL = { kind: 'all', pattern: '', term: '', decomposed: '', written: '', letters: '' } as const

/** The page, and how many users the search finds on all pages; undefined if the partition is unknown. */
export async function listUsers(database: Database, partition: string, page: UserPage) {
  const { searchTerm, top, skip, sortOrder } = page
  const order = { by: page.sortBy, sortOrder }
  const { kind, ...search } = searchTerm === '' ? ALL : searchFor(searchTerm)
  const rows = await database.all(listingFor(order, kind), { partition, top, skip, end: top + skip, ...search })
  const [first] = rows
  return first && { totalCount: first.totalCount, rows: rows.filter(hasUser) }
}
