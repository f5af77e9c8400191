// Settings of a partition to plant.
import { sql } from 'drizzle-orm'
import { bind } from '../database/database.ts'
import { statement } from '../database/statement.ts'
import { settings } from './setting.table.ts'

export interface SettingSeed {
  id: number
  key: string
  value: string | null
}

const insertSettings = statement<{ partition: string; settings: string }>(
  () => sql`
    insert into ${settings} (id, partition_id, key, value)
    select value ->> 'id', ${sql.placeholder('partition')}, value ->> 'key', value ->> 'value'
    from json_each(${sql.placeholder('settings')})`,
)

export const plantSettings = (partition: string, rows: readonly SettingSeed[]) =>
  bind(insertSettings, { partition, settings: JSON.stringify(rows) })
