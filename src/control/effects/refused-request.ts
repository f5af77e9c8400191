// Whose journal a request belongs to that failed before its partition was known: one without a valid token, to a path that is
// not served, or a refused request for a token. Its token, its address or its client say so, as far as they say anything.

import type { Context } from 'hono'
import { decodeJwt } from 'jose'
import { bearerOf } from '../../auth/authorize.ts'
import { partitionOf } from '../../auth/principal.ts'
import { credentialsOf } from '../../connect/client-credentials.ts'
import { isForm } from '../../connect/form.ts'
import type { AppEnv } from '../../database/session.ts'
import { BoundedMap } from '../../http/bounded-map.ts'
import { foldId } from '../../http/identifier.ts'
import { MemoryOf } from '../../http/isolate-memory.ts'
import { BASE_PATH } from '../../http/path.ts'
import { loadArmedByName, type PartitionName } from './armed-by-name.ts'
import { type Armed, knownArmed } from './armed-cache.ts'

/** A partition whose journal the request goes into. */
interface Journaled {
  readonly partition: string
  readonly armed: Armed
}

/**
 * The partition that a refused request names, if it has a journal. Nothing of it is verified: whoever knows a tenant's name
 * can make entries in its journal, and nothing else. What is known of the partition in this isolate is believed, so that a
 * request that is not written down costs a round trip only where the isolate has not heard of its partition.
 */
export async function journaledPartition(
  c: Context<AppEnv>,
  form: () => Promise<string>,
): Promise<Journaled | undefined> {
  const named = claimedPartition(c) ?? organizationOf(c.req.url) ?? ''
  const client = named === '' ? await claimedClient(c, form) : ''
  if (named === '' && client === '') return undefined
  const partition = foldId(idsOf(c.env).get(keyOf({ named, client })) ?? named)
  const known = knownArmed(c.env, partition)
  if (known) return known.journal ? { partition, armed: known } : undefined
  const found = await loadArmedByName(c.env, { named, client })
  if (!found) return undefined
  idsOf(c.env).set(keyOf({ named, client }), found.id)
  return found.armed.journal ? { partition: foldId(found.id), armed: found.armed } : undefined
}

/** The ids of partitions by what requests had for them. */
const ids = new MemoryOf<D1Database, BoundedMap<string, string>>('partitionIds')
const idsOf = (env: Cloudflare.Env) => ids.getOrMake(env.DB, () => new BoundedMap({ entries: 1000 }))
const keyOf = ({ named, client }: PartitionName) => (named === '' ? `client ${client}` : `partition ${named}`)

/** The partition that the token says it is for, whoever signed it. */
function claimedPartition(c: Context<AppEnv>): string | undefined {
  const token = bearerOf(c.req.header('Authorization') ?? '')
  try {
    return token ? partitionOf(decodeJwt(token)) : undefined
  } catch {
    return undefined
  }
}

/** The client that a request to the token service says it is, in its address, its form or its `Authorization`. */
async function claimedClient(c: Context<AppEnv>, form: () => Promise<string>): Promise<string> {
  if (!c.req.path.startsWith(`${BASE_PATH}/connect/`)) return ''
  const asked = c.req.query('client_id')
  if (asked !== undefined) return asked
  try {
    const sent = isForm(c) ? (new URLSearchParams(await form()).get('client_id') ?? undefined) : undefined
    return credentialsOf(c.req.header('Authorization'), { client_id: sent, client_secret: undefined }).client_id ?? ''
  } catch {
    return ''
  }
}

/** The organization in the address, which stands before a tenant's name, if there is one, and the name of a service. */
const organizationOf = (url: string) =>
  /^[^/]+\/\/[^/]+\/(?!(?:identity|[a-z]+_|api|connect)\/)([^/?#]+)(?:\/[^/?#]+)?\/(?:identity|[a-z]+_|api|connect)(?:[/?#]|$)/i.exec(
    url,
  )?.[1]
