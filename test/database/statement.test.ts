// Statements: which slots and values do not compile, and which are thrown.
import { and, eq, sql } from 'drizzle-orm'
import { beforeAll, describe, expect, test } from 'vitest'
import { bind } from '../../src/database/bound.ts'
import { deleteFrom, insertSelect } from '../../src/database/query-builder.ts'
import { type Slots, statement } from '../../src/database/statement.ts'
import { cats, owners, plantCats } from './cats.ts'

beforeAll(plantCats)

type Key = { id: string }

describe('a slot', () => {
  const rename = statement<Key & { name: string }>(
    (v) => sql`update ${cats} set name = ${v.name} where ${cats.id} = ${v.id}`,
  )

  test('that is not among the values does not compile', () => {
    // @ts-expect-error there is no value of that name
    statement<Key>((v) => sql`delete from ${cats} where ${cats.id} = ${v.idd}`)
    // @ts-expect-error nor for a builder
    statement((v: Slots<Key>) => deleteFrom(cats).where(eq(cats.id, v.idd)))
  })

  test('whose value is missing or misspelt does not compile, and throws where it was let through', () => {
    // @ts-expect-error name is missing
    const missing = () => bind(rename, { id: 'tom' })
    expect(missing).toThrow('no value for name')
    // @ts-expect-error it is called name
    expect(() => bind(rename, { id: 'tom', nmae: 'Tim' })).toThrow('no value for name')
    const values: { id: string; name: string } = JSON.parse('{"id":"tom"}')
    expect(() => bind(rename, values)).toThrow('no value for name')
  })

  test('that stands there twice is bound once', () => {
    const twice = statement<Key>((v) => sql`delete from ${cats} where ${cats.id} = ${v.id} and ${v.id} is not null`)
    expect(bind(twice, { id: 'x' }).values).toEqual(['x'])
    expect(twice.sql).toBe('delete from "cats" where "cats"."id" = ?1 and ?1 is not null')
  })

  test('takes truth values, and null only where it is asked for', () => {
    const tame = statement<{ tame: boolean | null }>((v) => sql`update ${cats} set is_tame = ${v.tame} where false`)
    expect(bind(tame, { tame: true }).values).toEqual([1])
    expect(bind(tame, { tame: null }).values).toEqual([null])
    // @ts-expect-error an id is not null
    expect(bind(rename, { id: null, name: '' }).values).toEqual(['', null])
  })

  test('says which partition is touched, whatever its name', () => {
    const touching = statement<{ home: string; partition: string }>(
      (v) => sql`delete from ${cats} where ${cats.id} = ${v.home} and ${cats.name} = ${v.partition}`,
      { touches: 'home' },
    )
    expect(bind(touching, { home: 'A', partition: 'B' }).partition).toBe('a')
    const wild = statement<{ partition: string }>((v) => sql`delete from ${cats} where ${cats.id} = ${v.partition}`)
    expect(bind(wild, { partition: 'B' }).partition).toBeUndefined()
    // @ts-expect-error there is no such value
    statement<Key>((v) => sql`delete from ${cats} where ${cats.id} = ${v.id}`, { touches: 'partition' })
  })
})

describe('a value that is no slot', () => {
  test('throws in SQL, and is part of the text where a builder has it', () => {
    const id = 'tom'
    expect(() => statement(() => sql`delete from ${cats} where ${cats.id} = ${id}`).sql).toThrow(
      'neither a slot nor SQL',
    )
    const tame = statement((_: Slots<object>) =>
      deleteFrom(cats).where(and(eq(cats.isTame, true), sql`${cats.name} = '?'`)),
    )
    expect(() => tame.sql).toThrow('question mark')
    const named = statement((_: Slots<object>) =>
      deleteFrom(cats).where(and(eq(cats.isTame, true), eq(cats.name, "O'Tom"))),
    )
    expect(named.sql).toBe(`delete from "cats" where ("cats"."is_tame" = 1 and "cats"."name" = 'O''Tom')`)
    expect(named.parameters).toEqual([])
  })
})

test('an insert from a select has each column beside what it is filled with', () => {
  const copy = statement<Key>((v) =>
    insertSelect(cats, { ownerId: owners.id, id: v.id, isTame: sql`0` }, sql`from ${owners}`),
  )
  expect(copy.sql).toBe(
    'insert into "cats" ("owner_id", "id", "is_tame") select "cat_owners"."id", ?1, 0 from "cat_owners"',
  )
  // @ts-expect-error there is no such column
  expect(() => insertSelect(cats, { owner: sql`1` }, sql`from ${owners}`)).toThrow('no column owner')
})
