// Tables and columns stand in SQL by import: one that is renamed or misspelt does not compile, instead of failing at run time.
import { glob, readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { getTableColumns, getTableName, is } from 'drizzle-orm'
import { CasingCache } from 'drizzle-orm/casing'
import { SQLiteTable } from 'drizzle-orm/sqlite-core'
import { describe, expect, test } from 'vitest'
import { parseAst } from 'vitest/node'

/** Stands in SQL where a template has a value of its own. */
const HOLE = '\uFFFC'

/** A piece of SQL as it is written in a file. */
interface Written {
  line: number
  /** Without what stands in it as strings. */
  sql: string
}

type Node = { readonly type: string; readonly start: number; readonly [property: string]: unknown }

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string' && 'start' in value

/** Every node of a syntax tree. */
function* nodesOf(value: unknown): Generator<Node> {
  if (Array.isArray(value)) for (const item of value) yield* nodesOf(item)
  if (!isNode(value)) return
  yield value
  for (const child of Object.values(value)) yield* nodesOf(child)
}

const isNamed = (node: unknown, name: string) => isNode(node) && node['name'] === name

/** What a string or a template says, with its values left out; undefined for other nodes. */
function textOf(node: unknown): string | undefined {
  if (!isNode(node)) return undefined
  if (node.type === 'Literal') return String(node['value'])
  if (node.type !== 'TemplateLiteral') return undefined
  return [...nodesOf(node['quasis'])].map(({ value }) => Object(value).raw).join(HOLE)
}

/** The SQL of a node: of a template tagged `sql`, and of what `sql.raw` and `sql.identifier` are given. */
function sqlOf(node: Node): string | undefined {
  if (node.type === 'TaggedTemplateExpression') return isNamed(node['tag'], 'sql') ? textOf(node['quasi']) : undefined
  const { callee } = node
  if (node.type !== 'CallExpression' || !isNode(callee) || !isNamed(callee['object'], 'sql')) return undefined
  return [node['arguments']].flat().map(textOf).join(' ')
}

interface Source {
  readonly written: readonly Written[]
  /** The lines that use `placeholder`. */
  readonly placeholders: readonly number[]
}

function read(text: string): Source {
  const nodes = [...nodesOf(parseAst(text, { lang: 'ts' }))]
  const lineOf = ({ start }: Node) => text.slice(0, start).split('\n').length
  const written = nodes.flatMap((node): Written[] => {
    const sql = sqlOf(node)?.replace(/'(?:[^']|'')*'/g, "''")
    return sql === undefined ? [] : [{ line: lineOf(node), sql }]
  })
  const placeholders = nodes.filter((node) => node.type === 'Identifier' && isNamed(node, 'placeholder')).map(lineOf)
  return { written, placeholders }
}

/** Names that SQL gives to what it makes: to a subquery or `json_each(…)`, and to a common table expression. */
const madeIn = ({ written }: Source) =>
  namesIn(written, /\)\s+(?:as\s+)?"?(\w+)/gi, /(\w+)"?\s*(?:\([^()]*\)\s*)?as\s+(?:(?:not\s+)?materialized\s*)?\(/gi)

/** Names that are typed behind a table that is not. */
const aliasesIn = ({ written }: Source) => namesIn(written, /\uFFFC\s+(?:as\s+)?"?(\w+)/gi)

const namesIn = (written: readonly Written[], ...patterns: RegExp[]) =>
  new Set(
    patterns.flatMap((pattern) => written.flatMap(({ sql }) => [...sql.matchAll(pattern)].map(([, name]) => name))),
  )

interface Names {
  readonly tables: ReadonlySet<string>
  readonly columns: ReadonlySet<string>
}

/**
 * What a source says by text that it should have imported, and each use of `placeholder`.
 * @param made names that SQL makes: what is qualified by them is no column of a table
 */
function typedNames(source: Source, { tables, columns }: Names, made: ReadonlySet<string | undefined>): string[] {
  const aliases = aliasesIn(source)
  const typed = source.written.flatMap(({ line, sql }) => {
    const bare = [...sql.matchAll(/\w+/g)]
      .map(([word]) => word)
      .filter((word) => tables.has(word) || (word.includes('_') && columns.has(word)))
    const qualified = [...sql.matchAll(/(\w+|\uFFFC)"?\."?(\w+)/g)]
      .filter(
        ([, of, column = '']) => columns.has(column) && !column.includes('_') && (aliases.has(of) || !made.has(of)),
      )
      .map(([, of = '', column = '']) => `${of.replace(HOLE, '…')}.${column}`)
    return [...bare, ...qualified].map((name) => `${line}: ${name}`)
  })
  return [...typed, ...source.placeholders.map((line) => `${line}: placeholder`)]
}

async function declaredNames(): Promise<Names> {
  const exported: unknown[] = []
  for await (const file of glob('src/**/*.table.ts')) exported.push(...Object.values(await import(resolve(file))))
  const tables = exported.filter((value) => is(value, SQLiteTable))
  const casing = new CasingCache('snake_case')
  const columns = tables.flatMap((table) => Object.values(getTableColumns(table)))
  return {
    tables: new Set(tables.map(getTableName)),
    columns: new Set(columns.map((column) => casing.getColumnCasing(column))),
  }
}

const names = await declaredNames()

/** Sources below have `#{…}` for `${…}`, which they would be taken for themselves. */
function foundIn(sample: string) {
  const source = read(sample.replaceAll('#{', '${'))
  return typedNames(source, names, madeIn(source))
}

describe('a name that is typed is found', () => {
  test.each<[string, string[]]>([
    ['sql`delete from settings where #{settings.id} = #{v.id}`', ['1: settings']],
    ['sql<number>`select 1 from "groups"`', ['1: groups']],
    ['sql`select #{sql`partition_id`}`', ['1: partition_id']],
    ['sql`from #{groups} g where g.name = #{v.name} and #{other}.id = 1`', ['1: g.name', '1: ….id']],
    ['sql`from #{groups} g, json_each(#{v.ids}) g where g.id is null`', ['1: g.id']],
    ['sql`do update set #{nameOf(groups.name)} = excluded.name`', ['1: excluded.name']],
    ['sql`#{sql.raw("member_count")} #{sql.identifier(`users`)}`', ['1: member_count', '1: users']],
    ['\nsql`#{sql.placeholder("id")}`', ['2: placeholder']],
    ['const { placeholder: slot } = sql', ['1: placeholder']],
  ])('%s', (source, found) => {
    expect(foundIn(source)).toEqual(found)
  })

  test.each([
    '// from settings\nsql`from #{settings} where #{settings.owner} = 0`',
    "sql`value ->> 'partition_id' and #{key} = 'users''s'`",
    'sql`from json_each(#{v.ids}) wanted where wanted.value = wanted.key`',
    'sql`from (select #{groups.id} as id from #{groups}) joined where joined.id is not null`',
    'sql`with "kept" as materialized (select 1 as id) select kept.id from kept`',
    'const text = "users"; html`<p>settings</p>`',
  ])('and nothing else: %s', (source) => {
    expect(foundIn(source)).toEqual([])
  })
})

test('SQL has the names of tables and columns by import', async () => {
  const sources: [file: string, Source][] = []
  // Tables declare the names; generated columns and conditions of indexes have to repeat them. The console runs in a browser.
  for await (const file of glob('src/**/*.ts', { exclude: ['src/{node,console}/**', 'src/**/*.table.ts'] })) {
    sources.push([file, read(await readFile(file, 'utf8'))])
  }
  const made = new Set(sources.flatMap(([, source]) => [...madeIn(source)]))
  expect(sources.flatMap(([file, source]) => typedNames(source, names, made).map((name) => `${file}:${name}`))).toEqual(
    [],
  )
  expect(sources.flatMap(([, { written }]) => written).length).toBeGreaterThan(0)
})
