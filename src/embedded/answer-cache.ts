// Gives whole answers again for as long as all that they rest on is what it was: the token, what is armed for its
// partition, and the version of the partition's rows. Right only in front of a database whose rows are remembered.

import { bearerOf } from '../auth/authorize.ts'
import { issuerOf } from '../auth/issuer.ts'
import { type Verified, verifiedBefore } from '../auth/verify.ts'
import { type Armed, isDisarmed, recall } from '../control/effects/armed.ts'
import { databaseOf, type Placed } from '../database/placement.ts'
import { bookmarkHeader } from '../database/session.ts'
import { BoundedMap } from '../http/bounded-map.ts'
import type { Fetch } from '../http/edge.ts'
import { foldId } from '../http/identifier.ts'
import { MemoryOf } from '../http/isolate-memory.ts'
import { logsRequests } from '../http/log.ts'
import { JSON_UTF8 } from '../http/refusal.ts'
import { EmbeddedD1 } from './embedded-d1.ts'

/** What an answer rests on. Two answers to the same request on the same basis are equal. */
interface Basis {
  readonly verified: Verified
  /** The partition of the token, in lower case. */
  readonly partition: string
  /** Undefined where there is no control plane. */
  readonly armed: Armed | undefined
  readonly database: Placed & { readonly d1: EmbeddedD1 }
  readonly version: number
}

/** Without a text, the request was answered once on this basis: only one that is asked again is worth the memory. */
interface Kept {
  readonly basis: Basis
  readonly text: string | undefined
}

const MAX_ANSWERS = 10_000

/** Of keys and texts together, in characters. */
const MAX_CHARACTERS = 32 * 1024 * 1024

/** What an isolate remembers. */
export const newAnswers = () =>
  new BoundedMap<string, Kept & { readonly key: string }>({
    entries: MAX_ANSWERS,
    size: MAX_CHARACTERS,
    sizeOf: ({ key, text = '' }) => key.length + text.length,
  })

const answers = new MemoryOf<Cloudflare.Env, ReturnType<typeof newAnswers>>('answers')

const answersOf = (env: Cloudflare.Env) => answers.getOrMake(env, newAnswers)

/** Headers with which a request asks for more than the answer. */
const ASKING_FOR_MORE = ['Prefer', 'traceparent', 'x-uipath-traceparent-id']

/** What tells requests apart that get different answers; undefined for one whose answer is not given again. */
function keyOf({ method, url, headers }: Request, env: Cloudflare.Env): string | undefined {
  if (method !== 'GET' || logsRequests(env)) return undefined
  const authorization = headers.get('Authorization')
  if (authorization === null || ASKING_FOR_MORE.some((name) => headers.has(name))) return undefined
  return `${authorization} ${url}`
}

/**
 * What the answer would rest on now; undefined if that cannot be told, or something is armed that has a say in it. The
 * token's own partition is all that its bearer can read, unless it is a host administrator's.
 */
function basisOf({ url, headers }: Request, env: Cloudflare.Env): Basis | undefined {
  const token = bearerOf(headers.get('Authorization') ?? '')
  const verified = verifiedBefore(env, { issuer: issuerOf({ env, req: { url } }), token, clock: undefined })
  const { partition: own, hostAdmin } = verified?.principal ?? {}
  if (!verified || own === undefined || hostAdmin) return undefined
  const partition = foldId(own)
  const { armed, exact } = recall(env, partition)
  if (env.CONTROL_TOKEN && !(exact && isDisarmed(armed))) return undefined
  const { name, d1 } = databaseOf(env, partition)
  const version = d1 instanceof EmbeddedD1 ? d1.rows.versionOf(partition) : undefined
  if (!(d1 instanceof EmbeddedD1) || version === undefined) return undefined
  return { verified, partition, armed: env.CONTROL_TOKEN ? armed : undefined, database: { name, d1 }, version }
}

/** Whether all is what it was. Reads nothing of the request: this is all that an answer that is given again costs. */
const stands = ({ verified, partition, armed, database, version }: Basis, env: Cloudflare.Env): boolean =>
  verified.holds() &&
  database.d1.rows.versionOf(partition) === version &&
  (armed === undefined || recall(env, partition).armed === armed)

/** Answers as `inner` does, or as it did when nothing has changed since. */
export const rememberAnswers =
  (inner: Fetch): Fetch =>
  (request, env, context) => {
    const key = keyOf(request, env)
    if (key === undefined) return inner(request, env, context)
    const before = answersOf(env).get(key)
    const asked = before !== undefined && stands(before.basis, env)
    if (asked && before.text !== undefined) return answerWith(before.text, before.basis.database)
    return asked ? remember(key, before.basis, inner, request, env, context) : note(key, inner, request, env, context)
  }

/** The answer to a request that is asked again. */
async function remember(key: string, basis: Basis, inner: Fetch, ...[request, env, context]: Parameters<Fetch>) {
  const response = await inner(request, env, context)
  if (response.status !== 200 || response.headers.get('Content-Type') !== JSON_UTF8['Content-Type']) return response
  const text = await response.text()
  // What changed while it was answered may be in it, or not.
  if (stands(basis, env)) answersOf(env).set(key, { key, basis, text })
  return new Response(text, response)
}

/** The answer to a request that is new, or on whose basis something has changed. A new token is verified with it. */
async function note(key: string, inner: Fetch, ...[request, env, context]: Parameters<Fetch>) {
  const response = await inner(request, env, context)
  const basis = basisOf(request, env)
  if (basis) answersOf(env).set(key, { key, basis, text: undefined })
  return response
}

// Copying a Headers costs the platform a third of what reading an object does.
const headersFor = new MemoryOf<EmbeddedD1, { bookmark: string | null; headers: Headers }>('answerHeaders')

function answerWith(text: string, { name, d1 }: Basis['database']): Response {
  const { bookmark } = d1
  const known = headersFor.get(d1)
  if (known && known.bookmark === bookmark) return new Response(text, { headers: known.headers })
  const headers = new Headers({ ...JSON_UTF8, ...(bookmark !== null && bookmarkHeader({ name, d1 }, bookmark)) })
  headersFor.set(d1, { bookmark, headers })
  return new Response(text, { headers })
}
