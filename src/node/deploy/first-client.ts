// Creates the first OAuth client of a deployment, and the vendor's public ones. The seed's statements are sent as one text, as wrangler sends them: D1's
// API binds no values of several statements. They are written into the SQL as literals.
import type { Bound } from '../../database/bound.ts'
import { bindingOf, MAIN } from '../../database/placement.ts'
import { HOST_PARTITION } from '../../partitions/partition.table.ts'
import {
  askWhatIsThere,
  askWhetherSealed,
  changeFirstSecret,
  plantFirstClient,
  plantHost,
} from '../../seed/deployment.ts'
import { plantVendorClients } from '../../seed/vendor-clients.ts'
import type { Query } from './account.ts'
import { makeClientSecret } from './secrets.ts'

/**
 * Creates the host partition and the first client if they are missing, in one transaction. If the host partition belongs
 * in another database than the client, it is written there first: a client that exists then proves that everything does,
 * even after an interrupted run.
 * A new secret is shown before its hash is written: a write whose answer is lost may have taken place.
 * @returns the client's secret if it is new, because the client is or because `rotate` is true; else undefined
 */
export async function ensureFirstClient(
  query: Query,
  bindings: readonly string[],
  rotate: boolean,
  show: (secret: string) => void,
): Promise<string | undefined> {
  const there = await findPlanted(query, MAIN)
  if (there?.client && !rotate) return undefined
  const secret = makeClientSecret()
  show(secret)
  if (there?.client) {
    await query(MAIN, literal(await changeFirstSecret(secret)))
    return secret
  }
  const [partition, ...groups] = plantHost(new Date().toISOString().slice(0, -1))
  const home = bindingOf(bindings, HOST_PARTITION)
  if (home !== MAIN && !(await findPlanted(query, home))?.host) await plant(query, home, [partition, ...groups])
  const host = home === MAIN ? [partition, ...groups] : [partition]
  const clients = [await plantFirstClient(secret), ...(await plantVendorClients(false))]
  await plant(query, MAIN, [...(there?.host ? [] : host), ...clients])
  return secret
}

/** Whether a database has anything that is sealed under an ENCRYPTION_KEY. `ask` runs SQL on it. */
export async function holdsSealed(ask: (sql: string) => Promise<{ sealed: number }[]>): Promise<boolean> {
  const [answer] = await ask(literal(askWhetherSealed()))
  return answer?.sealed !== 0
}

async function findPlanted(query: Query, binding: string) {
  const [there] = await query<{ client: number; host: number }>(binding, literal(askWhatIsThere()))
  return there
}

const plant = (query: Query, binding: string, statements: readonly Bound<unknown>[]) =>
  query(binding, statements.map(literal).join(';\n'))

/** A statement with its values as literals. A seed binds only numbers, strings and null. */
function literal({ sql, values }: Bound<unknown>): string {
  return sql.replace(/\?(\d+)/g, (_, number) => quoted(values[Number(number) - 1] ?? null))
}

const quoted = (value: string | number | null) =>
  typeof value === 'string' ? `'${value.replaceAll("'", "''")}'` : String(value)
