// A condition that the database checks within a batch: unless it holds, nothing of the batch takes place.
import { env } from 'cloudflare:workers'
import { eq, sql } from 'drizzle-orm'
import { expect, test } from 'vitest'
import { failUnless, isAbortedBy } from '../../src/database/abort.ts'
import { bind } from '../../src/database/bound.ts'
import { Database } from '../../src/database/database.ts'
import { insertInto, select } from '../../src/database/query-builder.ts'
import { type Slots, statement } from '../../src/database/statement.ts'
import { partitions } from '../../src/partitions/partition.table.ts'

const TOO_SMALL = 'the value is too small'

const check = statement<{ value: number | null }, { holds: number }>(
  (v, row) => sql`select ${row({ holds: failUnless(sql`${v.value} > 1`, TOO_SMALL) })}`,
)
const insert = statement((v: Slots<{ id: string }>) => insertInto(partitions).values({ id: v.id, name: v.id }))
const find = statement((v: Slots<{ id: string }>) =>
  select({ id: partitions.id }).from(partitions).where(eq(partitions.id, v.id)),
)

const database = new Database(env.DB)

test('where it holds, it is 1 and the batch takes place', async () => {
  const id = crypto.randomUUID()
  const [, checked] = await database.batch(bind(insert, { id }), bind(check, { value: 2 }))
  expect(checked).toEqual([{ holds: 1 }])
  expect(await database.all(find, { id })).toEqual([{ id }])
})

test.each([1, null])(
  'where it does not, as for %s, the statements before and after it have no effect',
  async (value) => {
    const ids = [crypto.randomUUID(), crypto.randomUUID()] as const
    const [before, after] = ids
    const error: unknown = await database
      .batch(bind(insert, { id: before }), bind(check, { value }), bind(insert, { id: after }))
      .catch((thrown: unknown) => thrown)
    expect(isAbortedBy(error, TOO_SMALL)).toBe(true)
    expect(isAbortedBy(error, 'another condition')).toBe(false)
    for (const id of ids) expect(await database.all(find, { id })).toEqual([])
  },
)
