// In a select from one table Drizzle writes the columns in a field's SQL without their tables; in a subquery they were then
// taken for those of the subquery's own table, and every row was answered with the same, wrong value.
import { eq, sql } from 'drizzle-orm'
import { beforeAll, expect, test } from 'vitest'
import { deleteFrom, insertInto, select, update } from '../../src/database/query-builder.ts'
import { type Slots, statement } from '../../src/database/statement.ts'
import { cats, database, owners, plantCats } from '../database/cats.ts'

beforeAll(plantCats)

type Key = { id: string }

const owner = sql<string | null>`(select ${owners.name} from ${owners} where ${owners.id} = ${cats.ownerId})`

test('a select from one table may have a subquery about the row', async () => {
  const find = statement((v: Slots<Key>) => select({ owner }).from(cats).where(eq(cats.id, v.id)))
  expect(await database.all(find, { id: 'tom' })).toEqual([{ owner: 'Ann' }])
  expect(await database.all(find, { id: 'kit' })).toEqual([{ owner: null }])
})

test('and one whose columns have the names of the row’s', async () => {
  const older = sql<number>`(select count(*) from ${owners} where ${owners.name} < ${cats.name})`
  const find = statement((v: Slots<Key>) => select({ older }).from(cats).where(eq(cats.id, v.id)))
  expect(await database.all(find, { id: 'tom' })).toEqual([{ older: 1 }])
})

test('and so may what a write returns', async () => {
  const add = statement((v: Slots<Key>) =>
    insertInto(cats).values({ id: v.id, name: 'Joe', isTame: true, ownerId: sql`1` }).returning({ owner }),
  )
  expect(await database.all(add, { id: 'joe' })).toEqual([{ owner: 'Ann' }])
  const change = statement((v: Slots<Key>) =>
    update(cats).set({ ownerId: sql`2` }).where(eq(cats.id, v.id)).returning({ owner }),
  )
  expect(await database.all(change, { id: 'joe' })).toEqual([{ owner: null }])
  const remove = statement((v: Slots<Key>) => deleteFrom(cats).where(eq(cats.id, v.id)).returning({ owner }))
  expect(await database.all(remove, { id: 'joe' })).toEqual([{ owner: null }])
})
