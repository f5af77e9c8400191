// Two tables of every type a column has here, with rows.
import { env } from 'cloudflare:workers'
import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import { identifier } from '../../src/database/columns.ts'
import { Database } from '../../src/database/database.ts'

export const cats = sqliteTable('cats', {
  id: identifier().primaryKey(),
  name: text().notNull(),
  isTame: integer({ mode: 'boolean' }).notNull().default(true),
  toys: text({ mode: 'json' }).$type<string[]>(),
  ownerId: integer(),
})
export const owners = sqliteTable('cat_owners', { id: integer().primaryKey(), name: text().notNull() })

export const database = new Database(env.DB)

export async function plantCats(): Promise<void> {
  await env.DB.batch([
    env.DB.prepare(
      'create table cats (id text collate nocase primary key, name text, is_tame integer, toys text, owner_id integer)',
    ),
    env.DB.prepare('create table cat_owners (id integer primary key, name text)'),
    env.DB.prepare("insert into cat_owners values (1, 'Ann')"),
    env.DB.prepare(`insert into cats values ('tom', 'Tom', 1, '["ball"]', 1), ('kit', 'Kit', 0, null, null)`),
  ])
}
