// Gives a deployment the client it begins with, through wrangler: the seed's statements with their values written in.
import type { Bound } from '../../database/database.ts'
import { bindingOf, MAIN } from '../../database/placement.ts'
import { HOST_PARTITION } from '../../partitions/partition.table.ts'
import { askWhatIsThere, changeFirstSecret, plantFirstClient, plantHost } from '../../seed/deployment.ts'
import type { Account } from './account.ts'
import { makeClientSecret } from './secrets.ts'

/**
 * Sees to it that the first client exists, in one transaction. Where another of the databases holds the host partition, it
 * is planted there before: the client is the mark that all of it is there.
 * @returns its secret if it is new, because the client is or because `rotate` asks for another one
 */
export async function provideFirstClient(account: Account, bindings: readonly string[], rotate: boolean) {
  const there = await whatIsIn(account, MAIN)
  if (there?.client && !rotate) return undefined
  const secret = makeClientSecret()
  if (there?.client) {
    await account.query(MAIN, literal(await changeFirstSecret(secret)))
    return secret
  }
  const [partition, ...groups] = plantHost(new Date().toISOString().slice(0, -1))
  const home = bindingOf(bindings, HOST_PARTITION)
  if (home !== MAIN && !(await whatIsIn(account, home))?.host) await plant(account, home, [partition, ...groups])
  const host = home === MAIN ? [partition, ...groups] : [partition]
  await plant(account, MAIN, [...(there?.host ? [] : host), await plantFirstClient(secret)])
  return secret
}

async function whatIsIn(account: Account, binding: string) {
  const [there] = await account.query<{ client: number; host: number }>(binding, literal(askWhatIsThere()))
  return there
}

const plant = (account: Account, binding: string, statements: readonly Bound<unknown>[]) =>
  account.query(binding, statements.map(literal).join(';\n'))

/** A statement as text. Numbers and quoted strings are all a seed binds. */
function literal({ sql, values }: Bound<unknown>): string {
  return sql.replace(/\?(\d+)/g, (_, number) => quoted(values[Number(number) - 1] ?? null))
}

const quoted = (value: string | number | null) =>
  typeof value === 'string' ? `'${value.replaceAll("'", "''")}'` : String(value)
