// D1's read replication: reads are answered near the caller only where it is switched on. wrangler has no command for it, so
// that Cloudflare's REST API is called, with wrangler's own login.
import { messageOf } from '../error-details.ts'
import type { Account } from './account.ts'
import type { Web } from './check.ts'

/** Where the API is, for wrangler too. */
const BASE_URL = 'https://api.cloudflare.com/client/v4'

interface Answer {
  readonly success: boolean
  readonly errors: readonly { code: number; message: string }[]
  readonly result: { readonly read_replication?: { readonly mode?: string } } | null
}

/** A database to switch it on for. */
interface Replicated {
  readonly database_name: string
  readonly database_id: string
}

/**
 * Switches read replication on for the databases that do not have it, and asks each for its mode afterwards. Returns a line
 * for each. A failure is in its line and ends nothing: without replicas the primary answers every read.
 */
export async function ensureReadReplication(
  account: Account,
  databases: readonly Replicated[],
  { fetch }: Web,
): Promise<string[]> {
  try {
    const headers = { ...(await account.authorization()), 'content-type': 'application/json' }
    const base = `${process.env['CLOUDFLARE_API_BASE_URL'] ?? BASE_URL}/accounts/${await account.id()}/d1/database`
    const ask = async (id: string, method: 'GET' | 'PUT', body?: string): Promise<string> => {
      const response = await fetch(`${base}/${id}`, { method, headers, ...(body === undefined ? {} : { body }) })
      const { success, errors, result }: Answer = JSON.parse(await response.text())
      if (!success) throw new Error(errors.map(({ code, message }) => `${message} [code: ${code}]`).join('; '))
      return result?.read_replication?.mode ?? 'disabled'
    }
    return await Promise.all(databases.map((database) => replicate(database, ask)))
  } catch (error) {
    return [`read replication: nothing was changed: ${messageOf(error)}`]
  }
}

type Ask = (id: string, method: 'GET' | 'PUT', body?: string) => Promise<string>

async function replicate({ database_name: name, database_id: id }: Replicated, ask: Ask): Promise<string> {
  try {
    if ((await ask(id, 'GET')) === 'auto') return `read replication of ${name}: is on`
    await ask(id, 'PUT', JSON.stringify({ read_replication: { mode: 'auto' } }))
    const mode = await ask(id, 'GET')
    return mode === 'auto'
      ? `read replication of ${name}: switched on`
      : `read replication of ${name}: ${mode}, though it was switched on: the primary answers all reads`
  } catch (error) {
    return `read replication of ${name}: could not be switched on, the primary answers all reads: ${messageOf(error)}`
  }
}
