// Directory entities to plant, in directory order.
import { sql } from 'drizzle-orm'
import { bind } from '../database/bound.ts'
import { excluded, insertSelect, nameOf } from '../database/query-builder.ts'
import { statement } from '../database/statement.ts'
import { users } from '../users/user.table.ts'
import { directoryCounts, directoryEntities } from './directory.table.ts'
import type { MemberRow } from './member.ts'
import { keysOf, plantKeys } from './name-keys.ts'

/** What is left out is null; `source` is `local`, `email` empty, and the time of creation .NET's first. */
export type EntitySeed = Pick<MemberRow, 'id' | 'type' | 'name' | 'displayName'> &
  Partial<MemberRow> & { creationTime?: string }

const insertEntities = statement<{ partition: string; entities: string }>(
  (v) =>
    insertSelect(
      directoryEntities,
      {
        partitionId: v.partition,
        id: sql`value ->> 'id'`,
        type: sql`value ->> 'type'`,
        source: sql`coalesce(value ->> 'source', 'local')`,
        name: sql`value ->> 'name'`,
        email: sql`coalesce(value ->> 'email', '')`,
        displayName: sql`value ->> 'displayName'`,
        firstName: sql`value ->> 'firstName'`,
        lastName: sql`value ->> 'lastName'`,
        jobTitle: sql`value ->> 'jobTitle'`,
        companyName: sql`value ->> 'companyName'`,
        city: sql`value ->> 'city'`,
        department: sql`value ->> 'department'`,
        applicationId: sql`value ->> 'applicationId'`,
        creationTime: sql`coalesce(value ->> 'creationTime', '0001-01-01T00:00:00')`,
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
        from ${directoryEntities}
        where ${directoryEntities.partitionId} = ${v.partition} and ${directoryEntities.type} = 0
          and not exists (select 1 from ${users} where ${users.entitySeq} = ${directoryEntities.seq})`,
    ),
  { touches: 'partition' },
)

const { count } = directoryCounts

/** Sets the number of entities of each type in a partition, after they were planted. */
export const countEntities = statement<{ partition: string }>(
  (v) => sql`
    ${insertSelect(
      directoryCounts,
      { partitionId: directoryEntities.partitionId, type: directoryEntities.type, count: sql`count(*)` },
      sql`
        from ${directoryEntities}
        where ${directoryEntities.partitionId} = ${v.partition} group by ${directoryEntities.type}`,
    )}
    on conflict do update set ${nameOf(count)} = ${excluded(count)}`,
  { touches: 'partition' },
)

/** Entities, the accounts of those that are users, and their number. */
export const plantEntities = (partition: string, entities: readonly EntitySeed[]) =>
  [
    bind(insertEntities, { partition, entities: JSON.stringify(entities) }),
    bind(insertUsers, { partition }),
    bind(plantKeys, { partition, keys: JSON.stringify(keysOf(entities)) }),
    bind(countEntities, { partition }),
  ] as const
