// A column that a room's section forgot was lost by fork, reset, restore and dump, and nothing said so.
import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import { describe, expect, test } from 'vitest'
import { LISTS } from '../../src/control/states/sections.ts'
import { listed } from '../../src/documents/entry-list.ts'
import { forgottenColumns } from '../support/forgotten-columns.ts'

const rows = LISTS.flatMap(({ name, rows, beside }) => [
  [name, rows] as const,
  ...(beside ? [[`${name}, beside`, beside] as const] : []),
])

describe.each(rows)('the list of %s', (_, list) => {
  test.each(list.columns.map((column) => [column.key, column] as const))('is found to miss %s', (key, column) => {
    const without = list.columns.filter((one) => one !== column)
    expect(forgottenColumns({ ...list, columns: without })).toEqual([key])
  })
})

test('a column that is added to a table is in its entries without a word', () => {
  const before = sqliteTable('toys', { id: text().primaryKey(), seq: integer() })
  const after = sqliteTable('toys', { id: text().primaryKey(), seq: integer(), color: text() })
  const keysOf = ({ columns }: ReturnType<typeof listed>) => columns.map(({ key }) => key)
  expect(keysOf(listed({ table: before, except: { seq: 'it is given out anew' } }))).toEqual(['id'])
  expect(keysOf(listed({ table: after, except: { seq: 'it is given out anew' } }))).toEqual(['id', 'color'])
})
