// Opens the database for a request: which one, how fresh, and what of it the answer tells.
import type { Context } from 'hono'
import type { AnswerVariables } from '../http/ok.ts'
import type { Timing } from '../http/timing.ts'
import type { TraceVariables } from '../http/trace.ts'
import { Database, type Guard } from './database.ts'
import { deadlineOf } from './failure.ts'
import { databaseOf, MAIN, type Placed } from './placement.ts'
import type { TenantControl } from './tenant-control.ts'

/** What every handler can rely on. */
export interface AppEnv {
  Bindings: Cloudflare.Env
  Variables: { timing?: Timing; control?: TenantControl } & AnswerVariables & TraceVariables
}

/** What of a request's context opening a database takes. */
interface RequestContext extends Pick<Context, 'executionCtx'> {
  set(key: 'answerHeaders', headers: Record<string, string>): void
  readonly env: Cloudflare.Env
  readonly req: Pick<Context['req'], 'header'>
  readonly var: { readonly timing?: Timing; readonly control?: TenantControl }
}

/** Header in which a bookmark travels, as in D1's own guide. */
export const BOOKMARK = 'x-d1-bookmark'

/**
 * How fresh the data has to be. `current`: what the primary holds. `nearest`: what the nearest replica holds.
 * A bookmark the client sends decides in either's stead: the nearest replica that is at least that new.
 */
export type Freshness = 'current' | 'nearest'

/** The database of clients and keys, read at the primary. */
export const openMain = (c: RequestContext) => open(c, { name: MAIN, d1: c.env.DB }, 'current')

/** The database that holds `partition`. */
export function openPartition(c: RequestContext, partition: string, freshness: Freshness, guard?: Guard): Database {
  const { timing, control } = c.var
  if (timing) timing.partition = partition
  const guards = [control?.guardFor(partition), guard].filter((one) => one !== undefined)
  return open(c, databaseOf(c.env, partition), freshness, guards)
}

function open(c: RequestContext, placed: Placed, freshness: Freshness, guards?: readonly Guard[]): Database {
  const { timing } = c.var
  const session = placed.d1.withSession(bookmarkFor(placed, c) ?? CONSTRAINT[freshness])
  return new Database(session, {
    guards,
    deadline: deadlineOf(c.env),
    keepAlive: (write) => c.executionCtx.waitUntil(write),
    onCost: timing && ((costs) => timing.count(costs)),
    onAnswer: (milliseconds) => {
      timing?.add('d1', milliseconds)
      const bookmark = session.getBookmark()
      if (bookmark) c.set('answerHeaders', bookmarkHeader(placed, bookmark))
    },
  })
}

const CONSTRAINT = { current: 'first-primary', nearest: 'first-unconstrained' } as const

// A bookmark means something to its own database only.
const prefixOf = ({ name }: Placed) => (name === MAIN ? '' : `${name}:`)

/** The client's bookmark if it is one of this database. Anything else is as good as none. */
function bookmarkFor(placed: Placed, c: RequestContext): string | undefined {
  const given = c.req.header(BOOKMARK)
  const prefix = prefixOf(placed)
  if (!given?.startsWith(prefix)) return undefined
  const bookmark = given.slice(prefix.length)
  return /^(?:[0-9a-f]{8}-){3}[0-9a-f]{32}$/.test(bookmark) ? bookmark : undefined
}

/** The header that tells the client of a bookmark. */
export const bookmarkHeader = (placed: Placed, bookmark: string) => ({ [BOOKMARK]: `${prefixOf(placed)}${bookmark}` })
