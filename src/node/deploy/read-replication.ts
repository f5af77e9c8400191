// D1's read replication: reads are answered near the caller only where it is switched on.
import { messageOf } from '../error-details.ts'
import type { Account } from './account.ts'
import type { Web } from './check.ts'
import { RestApi } from './rest-api.ts'

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
  web: Web,
): Promise<string[]> {
  try {
    const api = await RestApi.connect(account, web)
    return await Promise.all(databases.map((database) => replicate(database, api)))
  } catch (error) {
    return [`read replication: nothing was changed: ${messageOf(error)}`]
  }
}

/** `auto` or `disabled`. */
export async function replicationMode(api: RestApi, id: string): Promise<string> {
  const { read_replication: replication } = await api.call<{ read_replication?: { mode?: string } }>('GET', pathOf(id))
  return replication?.mode ?? 'disabled'
}

const pathOf = (id: string) => `d1/database/${id}`

async function replicate({ database_name: name, database_id: id }: Replicated, api: RestApi): Promise<string> {
  try {
    if ((await replicationMode(api, id)) === 'auto') return `read replication of ${name}: is on`
    await api.call('PUT', pathOf(id), { read_replication: { mode: 'auto' } })
    const mode = await replicationMode(api, id)
    return mode === 'auto'
      ? `read replication of ${name}: switched on`
      : `read replication of ${name}: ${mode}, though it was switched on: the primary answers all reads`
  } catch (error) {
    return `read replication of ${name}: could not be switched on, the primary answers all reads: ${messageOf(error)}`
  }
}
