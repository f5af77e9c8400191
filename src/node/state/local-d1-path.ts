// Where the runtime keeps a local D1 database.
import { createHash, createHmac } from 'node:crypto'
import { join } from 'node:path'

/** What Miniflare calls the Durable Objects that hold databases. */
export const D1_UNIQUE_KEY = 'miniflare-D1DatabaseObject'

/** Where Miniflare and wrangler keep the database of that id: in the file of the Durable Object of that name. */
export function localD1Path(stateDir: string, databaseId: string): string {
  const key = createHash('sha256').update(D1_UNIQUE_KEY).digest()
  const name = createHmac('sha256', key).update(databaseId).digest().subarray(0, 16)
  const check = createHmac('sha256', key).update(name).digest().subarray(0, 16)
  return join(stateDir, 'v3', 'd1', D1_UNIQUE_KEY, `${Buffer.concat([name, check]).toString('hex')}.sqlite`)
}
