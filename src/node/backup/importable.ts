// Reorders D1's export so that D1 can import it. An export lists tables by name or by age, but an import refuses a row
// whose table has a foreign key to a table that does not exist yet.
import { unstable_splitSqlQuery } from 'wrangler'

const CREATED = /^create table (?:if not exists )?[`"[]?(\w+)/i
const FILLED = /^insert into [`"[]?(\w+)/i

/**
 * The statements of `dump`: pragmas, tables, rows, then the rest (indexes). Tables and rows are in the order of foreign
 * keys.
 */
export function importable(dump: string): string {
  const statements: string[] = unstable_splitSqlQuery(dump)
  const tables = new Map<string, string>()
  const rows = new Map<string, string[]>()
  const [first, last]: [string[], string[]] = [[], []]
  for (const statement of statements) {
    const [, created] = CREATED.exec(statement) ?? []
    const [, filled] = FILLED.exec(statement) ?? []
    if (created !== undefined) tables.set(created, statement)
    else if (filled !== undefined && filled !== 'sqlite_sequence')
      rows.set(filled, [...(rows.get(filled) ?? []), statement])
    else if (/^pragma/i.test(statement)) first.push(statement)
    else last.push(statement)
  }
  const order = inForeignKeyOrder(tables)
  const all = [
    ...first,
    ...order.map((name) => tables.get(name) ?? ''),
    ...order.flatMap((name) => rows.get(name) ?? []),
    ...last,
  ]
  return `${all.join(';\n')};\n`
}

/** The names of the tables, each behind those that its foreign keys refer to. */
function inForeignKeyOrder(tables: ReadonlyMap<string, string>): string[] {
  const done = new Set<string>()
  const visit = (name: string) => {
    const definition = tables.get(name)
    if (definition === undefined || done.has(name)) return
    done.add(name)
    for (const [, other] of definition.matchAll(/references [`"[]?(\w+)/gi)) visit(String(other))
    // Marked as done before its references, so that a cycle ends; added again, since a Set is ordered by insertion.
    done.delete(name)
    done.add(name)
  }
  for (const name of tables.keys()) visit(name)
  return [...done]
}
