// Gives a deployment the client it begins with, through wrangler: the seed's statements with their values written in.
import type { Bound } from '../../database/database.ts'
import { askWhatIsThere, changeFirstSecret, plantFirstClient, plantHost } from '../../seed/deployment.ts'
import type { Account } from './account.ts'
import { makeClientSecret } from './secrets.ts'

/**
 * Sees to it that the first client exists, in one transaction.
 * @returns its secret if it is new, because the client is or because `rotate` asks for another one
 */
export async function provideFirstClient(account: Account, binding: string, rotate: boolean) {
  const [there] = await account.query<{ client: number; host: number }>(binding, literal(askWhatIsThere()))
  if (there?.client && !rotate) return undefined
  const secret = makeClientSecret()
  const statements = there?.client
    ? [await changeFirstSecret(secret)]
    : [...(there?.host ? [] : plantHost(new Date().toISOString().slice(0, -1))), await plantFirstClient(secret)]
  await account.query(binding, statements.map(literal).join(';\n'))
  return secret
}

/** A statement as text. Numbers and quoted strings are all a seed binds. */
function literal({ sql, values }: Bound<unknown>): string {
  return sql.replace(/\?(\d+)/g, (_, number) => quoted(values[Number(number) - 1] ?? null))
}

const quoted = (value: string | number | null) =>
  typeof value === 'string' ? `'${value.replaceAll("'", "''")}'` : String(value)
