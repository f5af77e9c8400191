// D1's export in an order in which D1 takes it back: it lists tables alphabetically or as they were made, and refuses a row
// whose table refers to one that does not exist yet.
import { unstable_splitSqlQuery } from 'wrangler'

const CREATED = /^create table (?:if not exists )?[`"[]?(\w+)/i
const FILLED = /^insert into [`"[]?(\w+)/i

/** Tables first, then rows, those referred to before those that refer; whatever else there is comes last. */
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
  const order = inOrder(tables)
  const all = [
    ...first,
    ...order.map((name) => tables.get(name) ?? ''),
    ...order.flatMap((name) => rows.get(name) ?? []),
    ...last,
  ]
  return `${all.join(';\n')};\n`
}

function inOrder(tables: ReadonlyMap<string, string>): string[] {
  const done = new Set<string>()
  const visit = (name: string) => {
    const definition = tables.get(name)
    if (definition === undefined || done.has(name)) return
    done.add(name)
    for (const [, other] of definition.matchAll(/references [`"[]?(\w+)/gi)) visit(String(other))
    // Set order is that of insertion: behind what it refers to.
    done.delete(name)
    done.add(name)
  }
  for (const name of tables.keys()) visit(name)
  return [...done]
}
