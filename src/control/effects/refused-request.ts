// Whose journal a request belongs to that failed before its partition was known: one without a valid token, to a path that is
// not served, or a refused request for a token. Its address and its token say so, as far as they say anything.

import type { Context } from 'hono'
import { decodeJwt } from 'jose'
import { bearerOf } from '../../auth/authorize.ts'
import { partitionOf } from '../../auth/principal.ts'
import type { AppEnv } from '../../database/session.ts'
import { BoundedMap } from '../../http/bounded-map.ts'
import { foldId } from '../../http/identifier.ts'
import { MemoryOf } from '../../http/isolate-memory.ts'
import { loadArmedByName } from './armed-by-name.ts'
import { type Armed, knownArmed } from './armed-cache.ts'

/** A partition whose journal the request goes into. */
interface Journaled {
  readonly partition: string
  readonly armed: Armed
}

/**
 * The partition that a refused request names, if it has a journal. Neither name is verified: whoever knows a tenant's name
 * can make entries in its journal, and nothing else. What is known of the partition in this isolate is believed, so that a
 * request that is not written down costs a round trip only where the isolate has not heard of its partition.
 */
export async function journaledPartition(c: Context<AppEnv>): Promise<Journaled | undefined> {
  const named = claimedPartition(c) ?? organizationOf(c.req.url)
  if (named === undefined) return undefined
  const partition = foldId(idsOf(c.env).get(named) ?? named)
  const known = knownArmed(c.env, partition)
  if (known) return known.journal ? { partition, armed: known } : undefined
  const found = await loadArmedByName(c.env, named)
  if (!found) return undefined
  idsOf(c.env).set(named, found.id)
  return found.armed.journal ? { partition: foldId(found.id), armed: found.armed } : undefined
}

/** The ids of partitions by the names, or ids, that requests had for them. */
const ids = new MemoryOf<D1Database, BoundedMap<string, string>>('partitionIds')
const idsOf = (env: Cloudflare.Env) => ids.getOrMake(env.DB, () => new BoundedMap({ entries: 1000 }))

/** The partition that the token says it is for, whoever signed it. */
function claimedPartition(c: Context<AppEnv>): string | undefined {
  const token = bearerOf(c.req.header('Authorization') ?? '')
  try {
    return token ? partitionOf(decodeJwt(token)) : undefined
  } catch {
    return undefined
  }
}

/** The organization in the address, which stands before a tenant's name, if there is one, and `identity_`. */
const organizationOf = (url: string) => /^[^/]+\/\/[^/]+\/([^/?#]+)(?:\/[^/?#]+)?\/identity_?\//i.exec(url)?.[1]
