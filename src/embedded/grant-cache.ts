// Remembers what clients were granted by which token request. The same request again costs its claims and its signature alone, as
// long as all that the grant depends on is unchanged: the rows of the main database, what is armed for the client's partition, and
// the time at which its tenant ends.
import { freshKeyRing } from '../auth/keys.ts'
import { type ClientGrant, grantTo } from '../connect/client-grant.ts'
import { issueToken } from '../connect/issue-token.ts'
import { answerGranted } from '../connect/token-refusal.ts'
import { cachedArmed, isDisarmed } from '../control/effects/armed-cache.ts'
import { BoundedMap } from '../http/bounded-map.ts'
import type { Fetch } from '../http/edge.ts'
import { foldId } from '../http/identifier.ts'
import { MemoryOf } from '../http/isolate-memory.ts'
import { logsRequests } from '../http/log.ts'
import { realTime } from '../http/timestamp.ts'
import { isExpired } from '../partitions/expiry.ts'
import { EmbeddedD1 } from './embedded-d1.ts'

interface CachedGrant {
  readonly grant: ClientGrant
  /** Of all rows of the main database. */
  readonly version: number
}

interface Grants {
  /** URLs at which tokens were issued. Only there is the body of a request read before it is answered. */
  readonly urls: BoundedMap<string, true>
  readonly byRequest: BoundedMap<string, CachedGrant>
}

const MAX_GRANTS = 1000

/** Longer forms are not remembered. In bytes. */
const MAX_FORM = 1024

const grants = new MemoryOf<Cloudflare.Env, Grants>('grants')

const grantsOf = (env: Cloudflare.Env) =>
  grants.getOrMake(env, () => ({
    urls: new BoundedMap({ entries: MAX_GRANTS }),
    byRequest: new BoundedMap({ entries: MAX_GRANTS }),
  }))

/** Request headers with which the answer is not the same every time, or the body is read in another way. */
const VARYING_HEADERS = ['Prefer', 'traceparent', 'x-uipath-traceparent-id', 'Content-Encoding', 'Transfer-Encoding']

/** Whether a request may be one for a token whose grant is remembered. */
function mayBeKnown({ method, url, headers }: Request, env: Cloudflare.Env): boolean {
  if (method !== 'POST' || !url.endsWith('/connect/token') || logsRequests(env)) return false
  if (headers.get('Content-Type') !== 'application/x-www-form-urlencoded') return false
  return (
    Number(headers.get('Content-Length') ?? Number.NaN) <= MAX_FORM &&
    !VARYING_HEADERS.some((name) => headers.has(name))
  )
}

/** Wraps an app so that the grants of clients are remembered. */
export const cacheGrants =
  (inner: Fetch): Fetch =>
  (request, env, context) => {
    if (!mayBeKnown(request, env)) return inner(request, env, context)
    return grantsOf(env).urls.get(request.url)
      ? answerKnown(inner, request, env, context)
      : note(inner, request, env, context)
  }

/** Answers the first request for a token at its URL. */
async function note(inner: Fetch, ...[request, env, context]: Parameters<Fetch>) {
  const response = await inner(request, env, context)
  if (grantTo(request)) grantsOf(env).urls.set(request.url, true)
  return response
}

async function answerKnown(inner: Fetch, ...[request, env, context]: Parameters<Fetch>) {
  const body = await request.arrayBuffer()
  const key = keyOf(request, body)
  const known = grantsOf(env).byRequest.get(key)
  if (known && isUnchanged(known, env)) return answerWith(known.grant, env)
  const version = versionOf(env)
  const again = new Request(request, { body })
  const response = await inner(again, env, context)
  const grant = grantTo(again)
  // If rows changed while it was answered, the grant may be from before or after: isUnchanged then never holds.
  if (grant && version !== undefined) grantsOf(env).byRequest.set(key, { grant, version })
  return response
}

// A character for each byte: bytes that are no UTF-8 must not look like others.
const latin1 = new TextDecoder('latin1')

// Neither a URL nor a header has a line break in it.
const keyOf = ({ url, headers }: Request, body: ArrayBuffer) =>
  `${url}\n${headers.get('Authorization') ?? ''}\n${latin1.decode(body)}`

/** Whether the request would be granted the same now, and answered as if nothing were armed. */
function isUnchanged({ grant: { client }, version }: CachedGrant, env: Cloudflare.Env): boolean {
  const { armed, exact } = cachedArmed(env, foldId(client.partitionId))
  const isPlain = !env.CONTROL_TOKEN || (exact && isDisarmed(armed))
  // The keys are asked for last, so that the answer cannot fail for want of them.
  return isPlain && versionOf(env) === version && !isExpired(client) && freshKeyRing(env) !== undefined
}

const versionOf = ({ DB }: Cloudflare.Env) => (DB instanceof EmbeddedD1 ? DB.rows.versionOf(undefined) : undefined)

async function answerWith(grant: ClientGrant, env: Cloudflare.Env): Promise<Response> {
  const { milliseconds: now } = realTime()
  return answerGranted(await issueToken(env, { ...grant, now }))
}
