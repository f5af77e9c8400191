// Statements: what does not compile, what is thrown, and rows that are what their types say.
import { env } from 'cloudflare:workers'
import { and, eq, sql } from 'drizzle-orm'
import { alias, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import { beforeAll, describe, expect, expectTypeOf, test } from 'vitest'
import { identifier } from '../../src/database/columns.ts'
import { bind, Database } from '../../src/database/database.ts'
import { deleteFrom, insertInto, insertSelect, select, update } from '../../src/database/query-builder.ts'
import { type Slots, statement } from '../../src/database/statement.ts'

const cats = sqliteTable('cats', {
  id: identifier().primaryKey(),
  name: text().notNull(),
  isTame: integer({ mode: 'boolean' }).notNull().default(true),
  toys: text({ mode: 'json' }).$type<string[]>(),
  ownerId: integer(),
})
const owners = sqliteTable('cat_owners', { id: integer().primaryKey(), name: text().notNull() })

const database = new Database(env.DB)

beforeAll(async () => {
  await env.DB.batch([
    env.DB.prepare(
      'create table cats (id text collate nocase primary key, name text, is_tame integer, toys text, owner_id integer)',
    ),
    env.DB.prepare('create table cat_owners (id integer primary key, name text)'),
    env.DB.prepare("insert into cat_owners values (1, 'Ann')"),
    env.DB.prepare(`insert into cats values ('tom', 'Tom', 1, '["ball"]', 1), ('kit', 'Kit', 0, null, null)`),
  ])
})

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

describe('a row', () => {
  type Cat = { id: string; tame: boolean; toys: string[] | null; toyCount: number; firstToy: string | null }

  test('of SQL has the properties and types it is declared with', async () => {
    const find = statement<Key, Cat>(
      (v, row) =>
        sql`select ${row({
          id: cats.id,
          tame: cats.isTame,
          toys: cats.toys,
          toyCount: sql<number>`json_array_length(coalesce(${cats.toys}, '[]'))`,
          firstToy: sql<string | null>`${cats.toys} ->> 0`,
        })} from ${cats} where ${cats.id} = ${v.id}`,
    )
    expect(await database.all(find, { id: 'TOM' })).toEqual([
      { id: 'tom', tame: true, toys: ['ball'], toyCount: 1, firstToy: 'ball' },
    ])
    expect(await database.first(find, { id: 'kit' })).toEqual({
      ...{ id: 'kit', tame: false, toys: null, toyCount: 0, firstToy: null },
    })
  })

  test('of SQL that misses, misspells or mistypes a property does not compile', () => {
    // @ts-expect-error name is missing
    statement<Key, { id: string; name: string }>((_, row) => sql`select ${row({ id: cats.id })} from ${cats}`)
    // @ts-expect-error there is no nmae
    statement<Key, { name: string }>((_, row) => sql`select ${row({ nmae: cats.name })} from ${cats}`)
    // @ts-expect-error a truth value is no number
    statement<Key, { tame: number }>((_, row) => sql`select ${row({ tame: cats.isTame })} from ${cats}`)
    // @ts-expect-error the column may be null
    statement<Key, { ownerId: number }>((_, row) => sql`select ${row({ ownerId: cats.ownerId })} from ${cats}`)
    statement<Key, { most: string | null }>((_, row) => sql`select ${row({ most: sql<string | null>`max(name)` })}`)
    // @ts-expect-error a comparison gives 0 or 1
    statement<Key, { wild: boolean }>((_, row) => sql`select ${row({ wild: sql<boolean>`not is_tame` })} from ${cats}`)
  })

  test('of SQL that is declared and not named throws', () => {
    expect(
      () =>
        statement<Key, { nonsense: boolean }>((v) => sql`delete from ${cats} where ${cats.id} = ${v.id} returning id`)
          .sql,
    ).toThrow('not named')
    expect(() => statement<object, { nonsense: boolean }>(() => sql`select id from ${cats}`).sql).toThrow('not named')
  })

  test('of a builder is inferred, decoded, and keeps equal names of joined tables apart', async () => {
    const find = statement((v: Slots<Key>) =>
      select({
        id: cats.id,
        tame: cats.isTame,
        toys: cats.toys,
        name: cats.name,
        owner: owners.name,
        ownerId: owners.id,
      })
        .from(cats)
        .leftJoin(owners, eq(owners.id, cats.ownerId))
        .where(eq(cats.id, v.id)),
    )
    const [row] = await database.all(find, { id: 'tom' })
    expect(row).toEqual({ id: 'tom', tame: true, toys: ['ball'], name: 'Tom', owner: 'Ann', ownerId: 1 })
    expectTypeOf(row).toEqualTypeOf<
      | { id: string; tame: boolean; toys: string[] | null; name: string; owner: string | null; ownerId: number | null }
      | undefined
    >()
    expect(await database.first(find, { id: 'kit' })).toMatchObject({ owner: null, toys: null, tame: false })
  })

  test('of a builder may have a subquery about the row', async () => {
    const owned = sql<string | null>`(select ${owners.name} from ${owners} where ${owners.id} = ${cats.ownerId})`
    const find = statement((v: Slots<Key>) => select({ owner: owned }).from(cats).where(eq(cats.id, v.id)))
    expect(await database.all(find, { id: 'tom' })).toEqual([{ owner: 'Ann' }])
    expect(await database.all(find, { id: 'kit' })).toEqual([{ owner: null }])
  })

  test('of a builder may be a whole table, an expression, or what a write returns', async () => {
    const all = statement((v: Slots<Key>) => select().from(cats).where(eq(cats.id, v.id)))
    expect(await database.all(all, { id: 'tom' })).toEqual([
      { id: 'tom', name: 'Tom', isTame: true, toys: ['ball'], ownerId: 1 },
    ])
    const other = alias(cats, 'other')
    const count = statement((_: Slots<object>) =>
      select({ any: sql`count(*)`.mapWith(Boolean), most: sql<string>`max(${other.name})` }).from(other),
    )
    expect(await database.all(count, {})).toEqual([{ any: true, most: 'Tom' }])
    const add = statement((v: Slots<Key & { tame: boolean; toys: string }>) =>
      insertInto(cats)
        .values({ id: v.id, name: 'New', isTame: v.tame, toys: sql`${v.toys}` })
        .returning({ key: cats.id, isTame: cats.isTame, owner: cats.ownerId, toys: cats.toys }),
    )
    expect(await database.all(add, { id: 'new', tame: false, toys: '[]' })).toEqual([
      { key: 'new', isTame: false, owner: null, toys: [] },
    ])
    const change = statement((v: Slots<Key>) =>
      update(cats)
        .set({ isTame: true, name: sql`${cats.name} || '!'` })
        .where(eq(cats.id, v.id))
        .returning({ is: cats.isTame, name: cats.name }),
    )
    expect(await database.all(change, { id: 'new' })).toEqual([{ is: true, name: 'New!' }])
    const remove = statement((v: Slots<Key>) =>
      deleteFrom(cats).where(eq(cats.id, v.id)).returning({ owner: cats.ownerId }),
    )
    expect(await database.batch(bind(remove, { id: 'new' }), bind(all, { id: 'new' }))).toEqual([[{ owner: null }], []])
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
