// Statements' rows: what does not compile, what is thrown, and rows that are what their types say.
import { eq, sql } from 'drizzle-orm'
import { alias } from 'drizzle-orm/sqlite-core'
import { beforeAll, describe, expect, expectTypeOf, test } from 'vitest'
import { bind } from '../../src/database/bound.ts'
import { deleteFrom, excluded, insertInto, select, update } from '../../src/database/query-builder.ts'
import { type SelectRow, type Slots, statement } from '../../src/database/statement.ts'
import { cats, database, owners, plantCats } from './cats.ts'

beforeAll(plantCats)

type Key = { id: string }

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
    const hidden = statement<object, { nonsense: boolean }>(() => sql`with c as (select 1 as id) select id from c`)
    expect(() => hidden.sql).toThrow('begins with select, insert, update or delete')
  })

  test('of SQL that is named in a subquery alone throws, as what is around it gives other rows', () => {
    type Named = { name: string }
    const inner = (v: SelectRow<Named>) => sql`select ${v({ name: cats.name })} from ${cats}`
    expect(() => statement<object, Named>((_, row) => sql`select count(*) from (${inner(row)})`).sql).toThrow(
      'not named',
    )
    expect(() => statement<object, Named>((_, row) => sql`select exists (${inner(row)}) as name`).sql).toThrow(
      'not named',
    )
    expect(
      () =>
        statement<object, Named>((_, row) => sql`delete from ${cats} where name in (${inner(row)}) returning id`).sql,
    ).toThrow('not named')
    expect(statement<object, Named>((_, row) => sql`select * from (${inner(row)}) order by 1`).sql).toBe(
      'select * from (select "cats"."name" as "name" from "cats") order by 1',
    )
  })

  test('of the selects of a union is the same in each, in the same order, as SQLite goes by places', async () => {
    type Named = { id: string; name: string }
    const all = statement<object, Named>(
      (_, row) => sql`
        select ${row({ id: cats.id, name: cats.name })} from ${cats} where ${cats.id} = 'tom' union all
        select ${row({ id: sql`'ann'`, name: owners.name })} from ${owners}`,
    )
    expect(await database.all(all, {})).toEqual([
      { id: 'tom', name: 'Tom' },
      { id: 'ann', name: 'Ann' },
    ])
    const mixed = statement<object, Named>(
      (_, row) => sql`
        select ${row({ id: cats.id, name: cats.name })} from ${cats} union all
        select ${row({ name: owners.name, id: sql`'ann'` })} from ${owners}`,
    )
    expect(() => mixed.sql).toThrow('different rows')
  })

  test('that an upsert returns is the row as it is then, whether it was added or changed', async () => {
    const put = statement((v: Slots<Key & { tame: boolean }>) =>
      insertInto(cats)
        .values({ id: v.id, name: 'Put', isTame: v.tame })
        .onConflictDoUpdate({ target: cats.id, set: { isTame: excluded(cats.isTame), name: sql`${cats.name} || '!'` } })
        .returning({ is: cats.isTame, called: cats.name }),
    )
    expect(await database.all(put, { id: 'put', tame: true })).toEqual([{ is: true, called: 'Put' }])
    expect(await database.all(put, { id: 'PUT', tame: false })).toEqual([{ is: false, called: 'Put!' }])
    const raw = statement<Key, { tame: boolean }>(
      (v, row) => sql`
        insert into ${cats} (id, name, is_tame) values (${v.id}, 'Raw', 1)
        on conflict (id) do update set name = excluded.name returning ${row({ tame: cats.isTame })}`,
    )
    expect(await database.all(raw, { id: 'put' })).toEqual([{ tame: false }])
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
