// What is copied, kept and brought back of a tenant is all of it: every column of every table.
import { env } from 'cloudflare:workers'
import { getTableName, sql } from 'drizzle-orm'
import { beforeAll, describe, expect, test } from 'vitest'
import { LISTS, SECTIONS, WITHOUT_SECTION } from '../../src/control/states/sections.ts'
import { unionAll } from '../../src/control/states/snapshot-parts.ts'
import { Database } from '../../src/database/database.ts'
import { statement } from '../../src/database/statement.ts'
import { listed } from '../../src/documents/entry-list.ts'
import { isSealed } from '../../src/secrets/is-secret.ts'
import { settings } from '../../src/settings/setting.table.ts'
import { pepperOf } from '../../src/users/pepper.ts'
import former from '../previous/snapshot.json' with { type: 'json' }
import { type CreatedTenant, isolate } from '../support/control.ts'
import { forgottenColumns } from '../support/forgotten-columns.ts'
import { answer } from '../support/tenant.ts'
import { AllRows, fillTenant, schema, TENANT_TABLES, tables } from '../support/tenant-rows.ts'

const inLists = LISTS.flatMap(({ rows, beside }) => [rows, ...(beside ? [beside] : [])])

describe('every column', () => {
  test.each(tables.map((table) => [getTableName(table), table] as const))(
    'of %s is in a section, or left out for a reason',
    (name, table) => {
      const reasons = WITHOUT_SECTION.filter(([one]) => one === table).map(([, reason]) => reason)
      const found = inLists.filter((one) => one.table === table)
      expect(reasons.length + found.length, `${name} is in no section, or in several`).toBe(1)
      for (const one of found) {
        reasons.push(...one.except.values())
        expect(forgottenColumns(one)).toEqual([])
      }
      for (const reason of reasons) expect(reason).toMatch(/\w+ \w+/)
    },
  )

  test('that is left out is one of the table', () => {
    // @ts-expect-error it is called partitionId
    expect(listed({ table: settings, except: { partitionID: 'misspelt' } }).except.size).toBe(1)
  })

  test('of the tables that hold a tenant’s state is in one', () => {
    const derived = new Set(LISTS.filter(({ isDerived }) => isDerived).map(({ rows }) => rows))
    const state = inLists.filter((rows) => !derived.has(rows))
    expect(state.map(({ table }) => getTableName(table)).toSorted()).toEqual(TENANT_TABLES.toSorted())
  })

  test('that points at a row is planted after what it points at', () => {
    const planted = new Set<unknown>()
    for (const { rows } of LISTS) {
      for (const { references } of rows.columns) if (references) expect(planted).toContain(references)
      planted.add(rows.table)
    }
  })

  test('has a list whose name is its own', () => {
    const names = LISTS.map(({ name }) => name)
    expect(new Set(names).size).toBe(names.length)
    const words = SECTIONS.flatMap(({ schema }) => Object.keys(schema))
    expect(new Set(words).size).toBe(words.length)
  })
})

describe('two tenants that differ in every column', () => {
  const { control, create } = isolate('deployed')
  let one: CreatedTenant
  let other: CreatedTenant

  const stateOf = async ({ id }: CreatedTenant, settingIds = false) => (await AllRows.read()).of(id, { settingIds })
  const post = async (path: string, json?: unknown) => control('POST', `/tenants/${path}`, json)
  const fork = async ({ id }: CreatedTenant) => answer<CreatedTenant>(await post(`${id}/fork`, {}), 201)
  const dump = async ({ id }: CreatedTenant) => answer(await control('GET', `/tenants/${id}/dump?passwordHashes=true`))
  const load = async ({ id }: CreatedTenant, document: unknown) =>
    // Hashes that are no real ones: it is said whose passwords have to be set anew.
    expect((await control('PUT', `/tenants/${id}/dump`, document)).status).toBe(200)

  /** Runs `change`, after which all that is not of `tenant` is as it was. */
  async function onlyIn(tenant: CreatedTenant, change: () => Promise<unknown>) {
    const before = (await AllRows.read()).without(tenant.id)
    await change()
    expect((await AllRows.read()).without(tenant.id)).toEqual(before)
  }

  beforeAll(async () => {
    // It is made with the first hash that is looked at.
    await pepperOf(env)
    one = await create({ seed: {} })
    other = await create({ seed: {} })
    await fillTenant(one.id, 0)
    await fillTenant(other.id, 1)
  })

  test('do so, and differ from every default', async () => {
    const [first, second] = [await stateOf(one), await stateOf(other)]
    for (const { name: table, columns } of schema.filter(({ name }) => TENANT_TABLES.includes(name))) {
      for (const { name, column } of columns) {
        const [mine, others] = [first, second].map((state) => state[table]?.map((row) => row[name]))
        if (mine?.[0] === undefined || name === 'member_count') continue
        expect(mine, `${table}.${name}`).not.toEqual(others)
        const stored = column.default === undefined ? null : column.mapToDriverValue(column.default)
        expect(
          mine.some((value) => value !== stored),
          `${table}.${name}`,
        ).toBe(true)
      }
    }
    expect(first['settings']?.filter(({ key }) => isSealed(`${key}`)).length).toBe(4)
  })

  test('are forked', async () => {
    const before = (await AllRows.read()).without('')
    const copy = await fork(one)
    expect(await stateOf(copy)).toEqual(await stateOf(one))
    expect((await AllRows.read()).without(copy.id)).toEqual(before)
  })

  test('are dumped, and loaded into the other', async () => {
    const copy = await fork(one)
    const document = await dump(other)
    await onlyIn(copy, () => load(copy, document))
    expect(await stateOf(copy)).toEqual(await stateOf(other))
    const { settings, ...rest } = await answer<{ settings: unknown[] }>(
      await control('GET', `/tenants/${copy.id}/dump?passwordHashes=true`),
    )
    expect(document).toMatchObject(rest)
    expect(settings).toHaveLength(6)
  })

  test('are restored', async () => {
    const third = await create({ seed: {} })
    await fillTenant(third.id, 2)
    const before = await stateOf(third, true)
    await answer(await control('PUT', `/tenants/${third.id}/snapshots/before`), 201)
    await load(third, await dump(other))
    await onlyIn(third, () => post(`${third.id}/snapshots/before/restore`))
    expect(await stateOf(third, true)).toEqual(before)
  })

  test('are reset', async () => {
    const copy = await fork(one)
    const before = await stateOf(copy, true)
    await load(copy, await dump(other))
    await onlyIn(copy, () => post(`${copy.id}/reset`))
    expect(await stateOf(copy, true)).toEqual(before)
  })

  test('have their secrets sealed, wherever they come from', async () => {
    const copy = await fork(one)
    await load(copy, await dump(other))
    const { results } = await env.DB.prepare('select key, value from settings where partition_id = ?')
      .bind(copy.id)
      .all<{ key: string; value: string }>()
    const secrets = results.filter(({ key }) => isSealed(key))
    expect(secrets).toHaveLength(4)
    for (const { value } of secrets) expect(value).toMatch(/^sealed:v1:/)
  })
})

test('a tenant that is larger than a row is kept in parts', async () => {
  const { control, create } = isolate('deployed')
  const settings = ['a', 'b', 'c', 'd'].map((key) => ({ key, value: key.repeat(300_000) }))
  const { id } = await create({ seed: { settings } })
  await answer(await control('PUT', `/tenants/${id}/snapshots/large`), 201)
  const parts = env.DB.prepare('select part from snapshots where partition_id = ? and name = ? and section = ?')
  expect((await parts.bind(id, 'large', 'settings').all()).results.length).toBeGreaterThan(1)
  expect((await control('PUT', `/tenants/${id}/dump`, {})).status).toBe(204)
  expect((await control('POST', `/tenants/${id}/snapshots/large/restore`)).status).toBe(204)
  expect(await answer(await control('GET', `/tenants/${id}/dump`))).toMatchObject({ settings })
})

test('more lists than a union takes are read in unions of unions', async () => {
  const numbers = Array.from({ length: 27 }, (_, index) => index)
  const all = statement<object, { number: number }>(
    (_, row) => sql`
      select ${row({ number: sql<number>`number` })}
      from (${unionAll(numbers.map((number) => sql`select ${sql.raw(`${number}`)} as number`))})`,
  )
  const rows = await new Database(env.DB).all(all, {})
  expect(rows.map(({ number }) => number)).toEqual(numbers)
})

test('a document with a property that no document has is refused', async () => {
  const { control } = isolate('deployed')
  const seeds = [{ user: [] }, { users: [{ userName: 'a', userNme: 'b' }] }, { settings: [{ key: 'k', val: 'v' }] }]
  for (const seed of seeds) await answer(await control('POST', '/tenants', { seed }), 400)
})

describe('of a former version', () => {
  const { control, create } = isolate('deployed')
  const dumpOf = async (id: string) => answer(await control('GET', `/tenants/${id}/dump?passwordHashes=true`))

  test('a snapshot is restored', async () => {
    const { id } = await create()
    const inserts = Object.entries(former.sections).map(([section, entries]) =>
      env.DB.prepare('insert into snapshots values (?, ?, ?, 0, ?, ?, 0)').bind(
        ...[id, 'former', section, JSON.stringify(entries), entries.length],
      ),
    )
    await env.DB.batch(inserts)
    expect((await control('POST', `/tenants/${id}/snapshots/former/restore`)).status).toBe(204)
    for (const path of ['dump', 'snapshots/former']) {
      const found = await answer<Record<string, unknown>>(
        await control('GET', `/tenants/${id}/${path}?passwordHashes=true`),
      )
      expect(found).toMatchObject(former.dump)
      // Sections that version did not have yet.
      const added = Object.entries(found).filter(([name]) => !(name in former.dump))
      expect(added.filter(([, entries]) => JSON.stringify(entries) !== '[]')).toEqual([])
    }
  })

  test('a dump is loaded', async () => {
    const { id } = await create()
    expect((await control('PUT', `/tenants/${id}/dump`, former.dump)).status).toBe(200)
    const { settings, ...rest } = former.dump
    expect(await dumpOf(id)).toMatchObject({ ...rest, settings: settings.map(({ id: _, ...setting }) => setting) })
  })
})
