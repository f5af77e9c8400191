// Directory entities to plant, in directory order.
import { sql } from 'drizzle-orm'
import { bind } from '../database/database.ts'
import { statement } from '../database/statement.ts'
import { users } from '../users/user.table.ts'
import { directoryCounts, directoryEntities } from './directory.table.ts'
import type { MemberRow } from './member.ts'

/** What is left out is null; `source` is `local`, `email` empty, and the time of creation .NET's first. */
export type EntitySeed = Pick<MemberRow, 'id' | 'type' | 'name' | 'displayName'> &
  Partial<MemberRow> & { creationTime?: string }

const insertEntities = statement<{ partition: string; entities: string }>(
  () => sql`
    insert into ${directoryEntities}
      (partition_id, id, type, source, name, email, display_name, first_name, last_name,
       job_title, company_name, city, department, application_id, creation_time)
    select ${sql.placeholder('partition')}, value ->> 'id', value ->> 'type', coalesce(value ->> 'source', 'local'),
      value ->> 'name', coalesce(value ->> 'email', ''), value ->> 'displayName', value ->> 'firstName',
      value ->> 'lastName', value ->> 'jobTitle', value ->> 'companyName', value ->> 'city',
      value ->> 'department', value ->> 'applicationId', coalesce(value ->> 'creationTime', '0001-01-01T00:00:00')
    from json_each(${sql.placeholder('entities')}) order by key`,
)

const insertUsers = statement<{ partition: string }>(
  () => sql`
    insert into ${users} (entity_seq, legacy_id, email_confirmed)
    select ${directoryEntities.seq}, ${directoryEntities.seq}, 1 from ${directoryEntities}
    where ${directoryEntities.partitionId} = ${sql.placeholder('partition')} and ${directoryEntities.type} = 0
      and not exists (select 1 from ${users} where ${users.entitySeq} = ${directoryEntities.seq})`,
)

const countEntities = statement<{ partition: string }>(
  () => sql`
    insert into ${directoryCounts} (partition_id, type, count)
    select ${directoryEntities.partitionId}, ${directoryEntities.type}, count(*) from ${directoryEntities}
    where ${directoryEntities.partitionId} = ${sql.placeholder('partition')} group by 2
    on conflict do update set count = excluded.count`,
)

/** Entities, the accounts of those that are users, and their number. */
export const plantEntities = (partition: string, entities: readonly EntitySeed[]) =>
  [
    bind(insertEntities, { partition, entities: JSON.stringify(entities) }),
    bind(insertUsers, { partition }),
    bind(countEntities, { partition }),
  ] as const
