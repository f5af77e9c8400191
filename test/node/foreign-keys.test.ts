// What is deleted takes along what refers to it. SQLite looks for that by the referring columns: without an index that begins
// with them, each deletion reads the whole table, and D1 bills every row.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { readMigrations } from '../../src/node/state/prepare.ts'

test('rows that refer to what is deleted are found by an index', async () => {
  const place = await mkdtemp(join(tmpdir(), 'foreign-keys-'))
  const database = new DatabaseSync(join(place, 'database.sqlite'))
  try {
    for (const { sql } of await readMigrations('drizzle')) database.exec(sql)
    const keys = database
      .prepare(
        `select tables.name as name, keys."from" as "column" from sqlite_master tables, pragma_foreign_key_list(tables.name) keys
        where tables.type = 'table'`,
      )
      .all()
    const scans = keys.filter(({ name, column }) => {
      const plan = database.prepare(`explain query plan delete from "${name}" where "${column}" = 'any'`).all()
      return !String(plan[0]?.['detail']).startsWith('SEARCH')
    })
    expect(keys.length).toBeGreaterThan(10)
    expect(scans).toEqual([])
  } finally {
    database.close()
    await rm(place, { recursive: true })
  }
})
