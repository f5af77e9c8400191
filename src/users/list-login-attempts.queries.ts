// A page of the attempts to sign in as a user.
import { sql } from 'drizzle-orm'
import type { Database } from '../database/database.ts'
import { statement } from '../database/statement.ts'
import { directoryEntities } from '../directory/directory.table.ts'
import { partitions } from '../partitions/partition.table.ts'
import { loginAttempts } from './login-attempt.table.ts'
import { areUsers, type UserKey } from './user.queries.ts'
import type { LoginAttempt } from './user.schema.ts'

export interface AttemptRow {
  /** Null in a row that stands for a user without attempts. */
  id: number | null
  partition: string
  partitionName: string
  userName: string | null
  clientIpAddress: string | null
  browserInfo: string | null
  result: number | null
  creationTime: string | null
}

/** At most the hundred that are kept of a user; no row at all if there is no such user. */
const selectAttempts = statement<UserKey & { since: string }, AttemptRow>(
  (v, row) => sql`
    select ${row({
      id: sql<number | null>`${loginAttempts.id}`,
      partition: partitions.id,
      partitionName: partitions.name,
      userName: sql<string | null>`${loginAttempts.userName}`,
      clientIpAddress: loginAttempts.clientIpAddress,
      browserInfo: loginAttempts.browserInfo,
      result: sql<number | null>`${loginAttempts.result}`,
      creationTime: sql<string | null>`${loginAttempts.creationTime}`,
    })}
    from ${partitions} join ${directoryEntities} on ${areUsers(v)} and ${directoryEntities.id} = ${v.user}
    left join ${loginAttempts} on ${loginAttempts.partitionId} = ${v.partition}
      and ${loginAttempts.userId} = ${directoryEntities.id} and ${loginAttempts.creationTime} >= ${v.since}
    where ${partitions.id} = ${v.partition} order by ${loginAttempts.id} desc`,
  { touches: 'partition' },
)

interface AttemptPage {
  top: number
  skip: number
  sortBy?: keyof LoginAttempt | undefined
  sortOrder: 'asc' | 'desc'
  /** As the wire prints instants; empty for all. */
  since: string
}

/** A page of the attempts since then; undefined if there is no such user. Assumed: without an order the newest come first. */
export async function listLoginAttempts(database: Database, key: UserKey, { since, ...page }: AttemptPage) {
  const rows = await database.all(selectAttempts, { ...key, since })
  if (rows.length === 0) return undefined
  const attempts = rows.flatMap((row) => (row.id === null ? [] : [present(row.id, key.user, row)]))
  const { sortBy, sortOrder, skip, top } = page
  const sorted = sortBy ? attempts.sort((one, other) => compare(one[sortBy], other[sortBy])) : attempts
  if (sortBy && sortOrder === 'desc') sorted.reverse()
  return { totalCount: attempts.length, results: sorted.slice(skip, skip + top) }
}

function compare(one: string | number | null, other: string | number | null): number {
  if (typeof one === 'number' && typeof other === 'number') return one - other
  const [first, second] = [String(one ?? ''), String(other ?? '')]
  return first < second ? -1 : Number(first > second)
}

const present = (id: number, user: string, row: AttemptRow): LoginAttempt => ({
  id,
  partitionName: row.partitionName,
  userId: user,
  userNameOrEmailAddress: row.userName ?? '',
  clientIpAddress: row.clientIpAddress,
  clientName: null,
  browserInfo: row.browserInfo,
  result: row.result ?? 0,
  creationTime: row.creationTime ?? '',
  partitionGlobalId: row.partition,
})
