// Tenants whose rows are generated from the tables, and all rows read with plain SQL. It knows nothing of sections, so that a
// column that a section forgets is missed here.
/// <reference types="vite/client" />
import { env } from 'cloudflare:workers'
import { getTableColumns, getTableName, is } from 'drizzle-orm'
import { getTableConfig, type SQLiteColumn, SQLiteTable } from 'drizzle-orm/sqlite-core'
import { sealSetting, unsealSetting } from '../../src/settings/secret-settings.ts'

type Row = Record<string, string | number | null>

const modules = import.meta.glob<Record<string, unknown>>('../../src/**/*.table.ts', { eager: true })

/** Every table of the schema. */
export const tables = Object.values(modules)
  .flatMap((module) => Object.values(module))
  .filter((exported) => is(exported, SQLiteTable))

const snake = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)

/** A column of a table, by its names in the database. */
interface Described {
  name: string
  column: SQLiteColumn
  /** The table whose rows it points at, and their column. */
  points: { table: string; name: string } | undefined
  /** Whether the database gives the value. */
  given: boolean
}

interface DescribedTable {
  name: string
  columns: readonly Described[]
  /** The columns in whose order rows are read. */
  key: readonly string[]
}

function described(table: SQLiteTable): DescribedTable {
  const { foreignKeys, primaryKeys } = getTableConfig(table)
  const columns = Object.entries(getTableColumns(table)).map(([key, column]): Described => {
    const points = foreignKeys
      .map((foreign) => foreign.reference())
      .find(({ columns: [first] }) => first?.name === column.name)
    const [foreign] = points?.foreignColumns ?? []
    return {
      name: snake(key),
      column,
      points: points && foreign && { table: getTableName(points.foreignTable), name: snake(foreign.name) },
      given: column.generated !== undefined || (column.primary && column.dataType === 'number' && !points),
    }
  })
  const key = [
    ...columns.filter(({ column }) => column.primary).map(({ name }) => name),
    ...primaryKeys.flatMap((primary) => primary.columns.map((column) => snake(column.name))),
  ]
  return { name: getTableName(table), columns, key }
}

export const schema: readonly DescribedTable[] = tables.map(described)

/** Kept by whoever writes to other tables, and compared like those. */
const COUNTS = 'directory_counts'

/** Tables whose rows point at a partition and are no part of its state. */
const BESIDE_STATE = [
  COUNTS,
  'clients',
  'tenants',
  'tenant_controls',
  'faults',
  'journal',
  'snapshots',
  'control_keys',
  'name_keys',
  'group_name_keys',
  'grants',
  'sessions',
  'login_attempts',
]

/** How many tables are between a table's rows and the partition they belong to; undefined if they belong to none. */
function distance({ name: own, columns }: DescribedTable): number | undefined {
  const targets = columns.flatMap(({ points }) => (points && points.table !== own ? [points.table] : []))
  const distances = targets.flatMap((name) => (name === 'partitions' ? 0 : (distance(tableOf(name)) ?? [])))
  return distances.length > 0 ? 1 + Math.max(...distances) : undefined
}

/** The tables that hold a tenant's state, those that others point at first: all that belong to it, unless named above. */
export const TENANT_TABLES: readonly string[] = schema
  .flatMap((table) => {
    const at = BESIDE_STATE.includes(table.name) ? undefined : distance(table)
    return at === undefined ? [] : [{ name: table.name, at }]
  })
  .toSorted((one, other) => one.at - other.at)
  .map(({ name }) => name)

const entityType = (n: number, tenant: number) => (n < 3 ? 0 : n < 5 - tenant ? 4 : 5)

/** How many rows a table has. The first three of the directory are users. */
const NUMBERS: Readonly<Record<string, number>> = { users: 3 }
const NUMBER = 6

type Generate = (n: number, tenant: number) => Row[string]

/** What cannot be told from a column's type. */
const SPECIAL: Readonly<Record<string, Generate>> = {
  'directory_entities.type': entityType,
  'groups.type': (n, tenant) => (n + tenant) % 2,
  'settings.key': (n, tenant) => `Key.${n}.${tenant}.${n < 4 ? 'Password' : 'Plain'}`,
}

/** A value of the column's type that differs from those of other columns, rows and tenants; truth values as far as they can. */
function generated({ name, column }: Described, n: number, tenant: number): Row[string] {
  if (column.dataType === 'boolean') return (n + tenant) % 2
  const place = column.table && Object.keys(getTableColumns(column.table)).indexOf(column.name)
  if (column.dataType === 'number') return 10_000 * (tenant + 1) + 10 * place + n
  if (/_time$/.test(name)) return `200${tenant}-01-02T03:${String(place).padStart(2, '0')}:0${n}.5`
  if (column.default === '[]') return JSON.stringify([name, tenant, n])
  if (column.default === '{}') return JSON.stringify({ [name]: `${tenant}-${n}` })
  return `${name}-${tenant}-${n}`
}

function tableOf(name: string): DescribedTable {
  const table = schema.find((one) => one.name === name)
  if (!table) throw new Error(`there is no table ${name}`)
  return table
}

/** Fills a tenant with rows of its own. `tenant` tells it from others that are filled. */
export async function fillTenant(partition: string, tenant: number) {
  const filled = new Map<string, Row[]>([['partitions', [{ id: partition }]]])
  for (const table of TENANT_TABLES.map(tableOf)) {
    const columns = table.columns.filter(({ given }) => !given)
    const numbers = Array.from({ length: NUMBERS[table.name] ?? NUMBER }, (_, n) => n)
    const valueIn = (described: Described, n: number) => {
      const { name, points, column } = described
      if (points && !column.notNull && n % 2 === 0) return null
      const parents = points && filled.get(points.table)
      if (parents) return parents[n % parents.length]?.[points.name] ?? null
      return (SPECIAL[`${table.name}.${name}`] ?? ((...at) => generated(described, ...at)))(n, tenant)
    }
    const made = numbers.map((n): Row => Object.fromEntries(columns.map((one) => [one.name, valueIn(one, n)])))
    const rows = table.name === 'settings' ? await Promise.all(made.map((row) => sealed(row, filled))) : made
    const names = columns.map(({ name }) => name)
    const sql = `insert into ${table.name} (${names}) values (${names.map(() => '?')}) returning *`
    const inserts = rows.map((row) => env.DB.prepare(sql).bind(...names.map((name) => row[name])))
    filled.set(
      table.name,
      (await env.DB.batch<Row>(inserts)).flatMap(({ results }) => results),
    )
  }
  await env.DB.batch([
    env.DB.prepare(
      'update groups set member_count = (select count(*) from group_members m where m.group_seq = seq) where partition_id = ?',
    ).bind(partition),
    env.DB.prepare(
      `insert into ${COUNTS} select partition_id, type, count(*) from directory_entities where partition_id = ? group by 2`,
    ).bind(partition),
  ])
}

const asSetting = (row: Row) => ({
  key: String(row['key']),
  value: row['value'] === null ? null : String(row['value']),
})

async function sealed(row: Row, filled: ReadonlyMap<string, readonly Row[]>): Promise<Row> {
  const user = filled.get('directory_entities')?.find(({ seq }) => seq === row['user_seq'])
  return { ...row, ...(await sealSetting(env, { user: user ? String(user['id']) : null }, asSetting(row))) }
}

/** All rows of the database, in the order of their keys. */
export class AllRows {
  readonly #rows: ReadonlyMap<string, readonly Row[]>

  private constructor(rows: ReadonlyMap<string, readonly Row[]>) {
    this.#rows = rows
  }

  static async read() {
    const selects = schema.map(({ name, key }) => env.DB.prepare(`select * from ${name} order by ${key}`))
    const results = await env.DB.batch<Row>(selects)
    return new AllRows(new Map(schema.map(({ name }, index) => [name, results[index]?.results ?? []])))
  }

  #of({ name }: DescribedTable) {
    return this.#rows.get(name) ?? []
  }

  #parent({ points, name }: Described, row: Row) {
    return points && this.#rows.get(points.table)?.find((parent) => parent[points.name] === row[name])
  }

  #partition(table: DescribedTable, row: Row): Row[string] {
    if (table.name === 'partitions') return row['id'] ?? null
    const column = table.columns.find(
      ({ name, points }) => points && (name === 'partition_id' || !('partition_id' in row)),
    )
    const parent = column && this.#parent(column, row)
    return parent && column.points ? this.#partition(tableOf(column.points.table), parent) : null
  }

  /** The rows of other tenants, and of none, as they are stored; but for the audit table, which grows with each call. */
  without(partition: string) {
    return schema
      .filter(({ name }) => name !== 'audit')
      .map((table) => [table.name, this.#of(table).filter((row) => this.#partition(table, row) !== partition)])
  }

  /** A tenant's state: its rows without what is of the partition or the moment, and with ids for what others point at. */
  async of(partition: string, { settingIds }: { settingIds: boolean }) {
    const state = [...TENANT_TABLES, COUNTS].map(tableOf).map(async (table) => {
      const rows = this.#of(table).filter((row) => this.#partition(table, row) === partition)
      return [table.name, await Promise.all(rows.map((row) => this.#state(table, row, settingIds)))] as const
    })
    return Object.fromEntries(await Promise.all(state))
  }

  async #state(table: DescribedTable, row: Row, settingIds: boolean): Promise<Row> {
    const kept = table.columns.flatMap((described) => {
      const { name, given, points } = described
      const isId = settingIds && table.name === 'settings' && name === 'id'
      if (name === 'partition_id' || name === 'concurrency_stamp' || (given && !isId)) return []
      return [[name, points ? (this.#parent(described, row)?.['id'] ?? null) : (row[name] ?? null)] as const]
    })
    const state: Row = Object.fromEntries(kept)
    if (table.name !== 'settings') return state
    const user = state['user_seq'] ?? null
    return { ...state, ...(await unsealSetting(env, { user: user === null ? null : String(user) }, asSetting(row))) }
  }
}
