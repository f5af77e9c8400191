// Directory entities to plant, in directory order.
import { sql } from 'drizzle-orm'
import { bind } from '../database/database.ts'
import { statement } from '../database/statement.ts'
import { directoryEntities } from './directory.table.ts'
import type { MemberRow } from './member.ts'

/** What is left out is null; `source` is `local` and `email` empty. */
export type EntitySeed = Pick<MemberRow, 'id' | 'type' | 'name' | 'displayName'> & Partial<MemberRow>

const insertEntities = statement<{ partition: string; entities: string }>(
  () => sql`
    insert into ${directoryEntities}
      (partition_id, id, type, source, name, email, display_name, first_name, last_name,
       job_title, company_name, city, department, application_id)
    select ${sql.placeholder('partition')}, value ->> 'id', value ->> 'type', coalesce(value ->> 'source', 'local'),
      value ->> 'name', coalesce(value ->> 'email', ''), value ->> 'displayName', value ->> 'firstName',
      value ->> 'lastName', value ->> 'jobTitle', value ->> 'companyName', value ->> 'city',
      value ->> 'department', value ->> 'applicationId'
    from json_each(${sql.placeholder('entities')}) order by key`,
)

export const plantEntities = (partition: string, entities: readonly EntitySeed[]) =>
  bind(insertEntities, { partition, entities: JSON.stringify(entities) })
