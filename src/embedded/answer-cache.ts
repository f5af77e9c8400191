// Caches whole answers to GET requests. An answer is given again as long as all that it depends on is unchanged: the verified
// token, what is armed for its partition, and the version of the partition's rows, which only the row cache can tell.
import { bearerOf } from '../auth/authorize.ts'
import { issuerOf } from '../auth/issuer.ts'
import { type Verified, verifiedBefore } from '../auth/verify.ts'
import { type Armed, cachedArmed, isDisarmed } from '../control/effects/armed-cache.ts'
import { databaseOf, type Placed } from '../database/placement.ts'
import { namedBookmark } from '../database/session.ts'
import { BoundedMap } from '../http/bounded-map.ts'
import type { Fetch } from '../http/edge.ts'
import { foldId } from '../http/identifier.ts'
import { MemoryOf } from '../http/isolate-memory.ts'
import { logsRequests } from '../http/log.ts'
import { okText } from '../http/ok.ts'
import { JSON_UTF8 } from '../http/refusal.ts'
import { EmbeddedD1 } from './embedded-d1.ts'

/** All that the answer to a request depends on beside the request itself: while it is unchanged, so is the answer. */
interface Dependencies {
  /** Held by the tokens that are remembered: a token that has gone from these takes with it what it was once asked. */
  readonly verified: WeakRef<Verified>
  /** The partition of the token, in lower case. */
  readonly partition: string
  /** What tests have armed for the partition; undefined where there is no control plane. */
  readonly armed: Armed | undefined
  readonly database: Placed & { readonly d1: EmbeddedD1 }
  /** Of the partition's rows. */
  readonly version: number
}

interface CachedAnswer {
  readonly key: string
  readonly dependencies: Dependencies
  /** Undefined after the first answer: only a request that comes again is worth the memory of its body. */
  readonly text: string | undefined
}

const MAX_ANSWERS = 10_000

/** The most that all keys and texts together may take: two bytes for each UTF-16 unit. */
const MAX_BYTES = 64 * 1024 * 1024

/** An empty cache: FIFO eviction by number and by size. */
export const newAnswers = () =>
  new BoundedMap<string, CachedAnswer>({
    entries: MAX_ANSWERS,
    size: MAX_BYTES,
    sizeOf: ({ key, text = '' }) => 2 * (key.length + text.length),
  })

/** The tokens that have a number. */
const MAX_TOKENS = 1000

interface Answers {
  readonly byKey: ReturnType<typeof newAnswers>
  /**
   * Of tokens, by the header that has them. Keys have the number in place of the token, which is long: each test leaves answers
   * to a token of its own behind.
   */
  readonly numbers: BoundedMap<string, number>
  lastNumber: number
}

const answers = new MemoryOf<Cloudflare.Env, Answers>('answers')

const answersOf = (env: Cloudflare.Env) =>
  answers.getOrMake(env, () => ({
    byKey: newAnswers(),
    numbers: new BoundedMap({ entries: MAX_TOKENS }),
    lastNumber: 0,
  }))

/** The same for a token as long as it is remembered, and never that of another. */
function numberOf(authorization: string, env: Cloudflare.Env): number {
  const known = answersOf(env)
  const before = known.numbers.get(authorization)
  if (before !== undefined) return before
  known.numbers.set(authorization, ++known.lastNumber)
  return known.lastNumber
}

/** Request headers with which the answer is not the same every time, or has headers for the page that asks. */
const VARYING_HEADERS = ['Prefer', 'traceparent', 'x-uipath-traceparent-id', 'Origin']

/** The key of a request in the cache; undefined for one whose answer is not cached. */
function keyOf({ method, url, headers }: Request, env: Cloudflare.Env): string | undefined {
  if (method !== 'GET' || logsRequests(env)) return undefined
  const authorization = headers.get('Authorization')
  if (authorization === null || VARYING_HEADERS.some((name) => headers.has(name))) return undefined
  return `${numberOf(authorization, env)} ${url}`
}

/**
 * What the answer to a request would depend on now. Undefined if it depends on more: a token that was not verified yet, a
 * host administrator's, which can read any partition, or faults and a clock that tests have armed.
 */
function dependenciesOf({ url, headers }: Request, env: Cloudflare.Env): Dependencies | undefined {
  const token = bearerOf(headers.get('Authorization') ?? '')
  const verified = verifiedBefore(env, { issuer: issuerOf({ env, req: { url } }), token, clock: undefined })
  const { partition: own, hostAdmin } = verified?.principal ?? {}
  if (!verified || own === undefined || hostAdmin) return undefined
  const partition = foldId(own)
  const { armed, exact } = cachedArmed(env, partition)
  if (env.CONTROL_TOKEN && !(exact && isDisarmed(armed))) return undefined
  const { name, d1 } = databaseOf(env, partition)
  const version = d1 instanceof EmbeddedD1 ? d1.rows.versionOf(partition) : undefined
  if (!(d1 instanceof EmbeddedD1) || version === undefined) return undefined
  return {
    verified: new WeakRef(verified),
    partition,
    armed: env.CONTROL_TOKEN ? armed : undefined,
    database: { name, d1 },
    version,
  }
}

/** Whether all dependencies are unchanged. It does not look at the request: a cached answer costs no more than this. */
const areUnchanged = (dependencies: Dependencies, env: Cloudflare.Env): boolean => {
  const { verified, partition, armed, database, version } = dependencies
  return (
    (verified.deref()?.holds() ?? false) &&
    database.d1.rows.versionOf(partition) === version &&
    (armed === undefined || cachedArmed(env, partition).armed === armed)
  )
}

/** Wraps an app so that its answers come from the cache where nothing has changed since. */
export const cacheAnswers =
  (inner: Fetch): Fetch =>
  (request, env, context) => {
    const key = keyOf(request, env)
    if (key === undefined) return inner(request, env, context)
    const before = answersOf(env).byKey.get(key)
    const unchanged = before !== undefined && areUnchanged(before.dependencies, env)
    if (unchanged && before.text !== undefined) return answerWith(before.text, before.dependencies.database)
    return unchanged
      ? answerAndCache(key, before.dependencies, inner, request, env, context)
      : answerAndNote(key, inner, request, env, context)
  }

/** Answers a request that came before, and caches the answer. */
async function answerAndCache(
  key: string,
  dependencies: Dependencies,
  inner: Fetch,
  ...[request, env, context]: Parameters<Fetch>
) {
  const response = await inner(request, env, context)
  if (response.status !== 200 || response.headers.get('Content-Type') !== JSON_UTF8['Content-Type']) return response
  const text = await response.text()
  // If something changed while it was answered, the text may be from before or after: it is not cached.
  if (areUnchanged(dependencies, env)) answersOf(env).byKey.set(key, { key, dependencies, text })
  return new Response(text, response)
}

/**
 * Answers a request that is new or whose dependencies changed, and notes them, so that the next one like it is cached. They
 * are told afterwards, since a token that comes for the first time is verified with the request.
 */
async function answerAndNote(key: string, inner: Fetch, ...[request, env, context]: Parameters<Fetch>) {
  const response = await inner(request, env, context)
  const dependencies = dependenciesOf(request, env)
  if (dependencies) answersOf(env).byKey.set(key, { key, dependencies, text: undefined })
  return response
}

function answerWith(text: string, { name, d1 }: Dependencies['database']): Response {
  const bookmark = d1.bookmark === null ? undefined : namedBookmark({ name, d1 }, d1.bookmark)
  return okText({ get: () => bookmark }, text)
}
