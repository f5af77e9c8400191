// Directory entities to plant, in directory order.
import { type SQLWrapper, sql } from 'drizzle-orm'
import { bind } from '../database/database.ts'
import { excluded, insertSelect, nameOf } from '../database/query-builder.ts'
import { statement } from '../database/statement.ts'
import { users } from '../users/user.table.ts'
import { directoryCounts, directoryEntities } from './directory.table.ts'
import { MEMBER_COLUMNS, type MemberRow } from './member.ts'

/** What is left out is null; `source` is `local`, `email` empty, and the time of creation .NET's first. */
export type EntitySeed = Pick<MemberRow, 'id' | 'type' | 'name' | 'displayName'> &
  Partial<MemberRow> & { creationTime?: string }

type Planting = { partition: string; entities: string }

const given = (property: keyof EntitySeed) => sql`value ->> ${sql.raw(`'${property}'`)}`

const insertEntities = statement<Planting>(
  (v) =>
    insertSelect(
      directoryEntities,
      {
        partitionId: v.partition,
        ...Object.fromEntries(MEMBER_COLUMNS.map((name) => [name, given(name)])),
        source: sql`coalesce(${given('source')}, 'local')`,
        email: sql`coalesce(${given('email')}, '')`,
        creationTime: sql`coalesce(${given('creationTime')}, '0001-01-01T00:00:00')`,
      },
      sql`from json_each(${v.entities}) order by key`,
    ),
  { touches: 'partition' },
)

const insertUsers = statement<{ partition: string }>(
  (v) =>
    insertSelect(
      users,
      { entitySeq: directoryEntities.seq, legacyId: directoryEntities.seq, emailConfirmed: sql`1` },
      sql`
        from ${directoryEntities} where ${directoryEntities.partitionId} = ${v.partition} and ${directoryEntities.type} = 0
          and not exists (select 1 from ${users} where ${users.entitySeq} = ${directoryEntities.seq})`,
    ),
  { touches: 'partition' },
)

/** What sets the number of entities of each type in a partition, after they were planted. */
export const countEntities = (partition: SQLWrapper) => sql`
  ${insertSelect(
    directoryCounts,
    { partitionId: directoryEntities.partitionId, type: directoryEntities.type, count: sql`count(*)` },
    sql`from ${directoryEntities} where ${directoryEntities.partitionId} = ${partition} group by 2`,
  )}
  on conflict do update set ${nameOf(directoryCounts.count)} = ${excluded(directoryCounts.count)}`

const updateCounts = statement<{ partition: string }>((v) => countEntities(v.partition), { touches: 'partition' })

/** Entities, the accounts of those that are users, and their number. */
export const plantEntities = (partition: string, entities: readonly EntitySeed[]) =>
  [
    bind(insertEntities, { partition, entities: JSON.stringify(entities) }),
    bind(insertUsers, { partition }),
    bind(updateCounts, { partition }),
  ] as const
