// Opens the database for a request: which one, how fresh, and what of it the answer tells.
import type { Context } from 'hono'
import type { AnswerVariables } from '../http/ok.ts'
import type { Timing } from '../http/timing.ts'
import { Database, type Guard, type Surroundings } from './database.ts'
import { ExactCache } from './exact-cache.ts'
import { databaseOf, MAIN, type Placed } from './placement.ts'

/** What every handler can rely on. */
export interface AppEnv {
  Bindings: Cloudflare.Env
  Variables: { timing?: Timing } & AnswerVariables
}

/** What of a request's context opening a database takes. */
interface Hop extends Pick<Context, 'executionCtx'> {
  set(key: 'answerHeaders', headers: Record<string, string>): void
  readonly env: Cloudflare.Env
  readonly req: Pick<Context['req'], 'header'>
  readonly var: { readonly timing?: Timing }
}

/** Header in which a bookmark travels, as in D1's own guide. */
export const BOOKMARK = 'x-d1-bookmark'

/**
 * How fresh the data has to be. `current`: what the primary holds. `nearest`: what the nearest replica holds.
 * A bookmark the client sends decides in either's stead: the nearest replica that is at least that new.
 */
export type Freshness = 'current' | 'nearest'

/** The database of clients and keys, read at the primary. */
export const openMain = (c: Hop) => open(c, { name: MAIN, d1: c.env.DB }, 'current')

/** The database that holds `partition`. */
export const openPartition = (c: Hop, partition: string, freshness: Freshness, guard?: Guard) =>
  open(c, databaseOf(c.env, partition), freshness, guard)

function open(c: Hop, placed: Placed, freshness: Freshness, guard?: Guard): Database {
  const { timing } = c.var
  const timed: Surroundings = timing ? { onTrip: (milliseconds) => timing.add('d1', milliseconds) } : {}
  if (c.env.EMBEDDED) return new Database(placed.d1, { ...timed, ...embedded(c, placed.d1), guard })
  const session = placed.d1.withSession(bookmarkFor(placed, c) ?? CONSTRAINT[freshness])
  const onTrip = (milliseconds: number) => {
    timed.onTrip?.(milliseconds)
    const bookmark = session.getBookmark()
    if (bookmark) c.set('answerHeaders', { [BOOKMARK]: `${prefixOf(placed)}${bookmark}` })
  }
  return new Database(session, { onTrip, guard })
}

const CONSTRAINT = { current: 'first-primary', nearest: 'first-unconstrained' } as const

// A bookmark means something to its own database only.
const prefixOf = ({ name }: Placed) => (name === MAIN ? '' : `${name}:`)

/** The client's bookmark if it is one of this database. Anything else is as good as none. */
function bookmarkFor(placed: Placed, c: Hop): string | undefined {
  const given = c.req.header(BOOKMARK)
  const prefix = prefixOf(placed)
  if (!given?.startsWith(prefix)) return undefined
  const bookmark = given.slice(prefix.length)
  return /^(?:[0-9a-f]{8}-){3}[0-9a-f]{32}$/.test(bookmark) ? bookmark : undefined
}

const caches = new WeakMap<D1Database, ExactCache>()

/** Where this isolate is the only one to write: a cache, and writes that outlive their request. */
function embedded(c: Hop, d1: D1Database): Surroundings {
  const cache = caches.get(d1) ?? new ExactCache()
  caches.set(d1, cache)
  return { cache, keepAlive: (write) => c.executionCtx.waitUntil(write) }
}
