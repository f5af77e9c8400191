// The path of a local D1 database's SQLite file.
import { createHash, createHmac } from 'node:crypto'
import { join } from 'node:path'

/** Miniflare's unique key for the Durable Object class that holds databases; file names are derived from it. */
export const D1_UNIQUE_KEY = 'miniflare-D1DatabaseObject'

/**
 * The file in which Miniflare and wrangler keep the database of that id. Its name is the id of a Durable Object, which
 * workerd derives from the unique key and the database's id by HMAC-SHA-256.
 */
export function localD1Path(stateDir: string, databaseId: string): string {
  const key = createHash('sha256').update(D1_UNIQUE_KEY).digest()
  const name = createHmac('sha256', key).update(databaseId).digest().subarray(0, 16)
  const check = createHmac('sha256', key).update(name).digest().subarray(0, 16)
  return join(stateDir, 'v3', 'd1', D1_UNIQUE_KEY, `${Buffer.concat([name, check]).toString('hex')}.sqlite`)
}
