// Opens a database for a request: the one that holds a partition, as fresh as was asked for, with the guards, deadline and
// bookmark of the request.
import type { Context } from 'hono'
import { type AnswerVariables, BOOKMARK } from '../http/ok.ts'
import type { Timing } from '../http/timing.ts'
import type { TraceVariables } from '../http/trace.ts'
import type { Batch } from './bound.ts'
import { type Companion, Database, type Guard } from './database.ts'
import { deadlineOf } from './failure.ts'
import { databaseOf, MAIN, type Placed } from './placement.ts'
import type { CallEffects, RequestEffects } from './request-effects.ts'

/** The bindings and context variables that every handler can rely on. */
export interface AppEnv {
  Bindings: Cloudflare.Env
  Variables: { timing?: Timing; control?: RequestEffects; call?: CallEffects } & AnswerVariables & TraceVariables
}

/** The part of a request's context that is needed to open a database. */
interface RequestContext extends Pick<Context, 'executionCtx'> {
  set(key: 'bookmark', bookmark: string): void
  get(key: 'timing'): Timing | undefined
  get(key: 'control'): RequestEffects | undefined
  get(key: 'call'): CallEffects | undefined
  readonly env: Cloudflare.Env
  readonly req: Pick<Context['req'], 'header'>
}

/**
 * How fresh the data has to be. `current`: what the primary holds. `nearest`: what the nearest replica holds. If the
 * client sends a bookmark, that decides instead: any replica is asked that is at least as new.
 */
export type Freshness = 'current' | 'nearest'

/**
 * The main database, which holds clients, keys and the list of tenants, read at the primary.
 * @param partition whose rows are written, where those count against the limits of a tenant
 */
export function openMain(c: RequestContext, partition?: string): Database {
  const call = c.get('call')
  return open(c, { name: MAIN, d1: c.env.DB }, 'current', {
    guards: call?.guards,
    companionsOf: call && ((batch) => call.companionsFor(batch, partition, true)),
  })
}

/**
 * The database that holds `partition`. Its batches are headed by `guard`, and by that of the control plane.
 *
 * @example
 * const group = await findGroup(openPartition(c, partition, 'current'), partition, id)
 */
export function openPartition(c: RequestContext, partition: string, freshness: Freshness, guard?: Guard): Database {
  const [timing, control, call] = [c.get('timing'), c.get('control'), c.get('call')]
  timing?.note({ partition })
  const placed = databaseOf(c.env, partition)
  const inMain = placed.name === MAIN
  const guards = [
    ...((inMain && call?.guards) || []),
    ...(control?.guardsFor(partition) ?? []),
    ...(guard ? [guard] : []),
  ]
  const companionsOf =
    (control || call) &&
    ((batch: Batch) => [
      ...(control?.companionsFor(partition) ?? []),
      ...(call?.companionsFor(batch, partition, inMain) ?? []),
    ])
  return open(c, placed, freshness, { guards, companionsOf })
}

/** The databases of a deployment as one request opens them, for functions that are to know nothing of the request. */
export interface RequestDatabases {
  /** As {@link openMain}. */
  main(): Database
  /** As {@link openPartition}, read at the primary. */
  holding(partition: string): Database
}

export const databasesFor = (c: RequestContext): RequestDatabases => ({
  main: () => openMain(c),
  holding: (partition) => openPartition(c, partition, 'current'),
})

/** The databases for work that is no part of what a request asks for, such as a sweep: nothing of the request is with it. */
export const databasesBeside = ({ env, executionCtx, req }: RequestContext): RequestDatabases =>
  databasesFor({ env, executionCtx, req, get: () => undefined, set: () => {} })

type Accompaniment = {
  guards?: readonly Guard[] | undefined
  companionsOf?: ((batch: Batch) => readonly Companion[]) | undefined
}

function open(
  c: RequestContext,
  placed: Placed,
  freshness: Freshness,
  { guards, companionsOf }: Accompaniment,
): Database {
  const timing = c.get('timing')
  const session = placed.d1.withSession(bookmarkFor(placed, c) ?? CONSTRAINT[freshness])
  return new Database(session, {
    guards,
    companionsOf,
    deadline: deadlineOf(c.env),
    keepAlive: (write) => c.executionCtx.waitUntil(write),
    onCost: timing && ((costs) => timing.count(costs)),
    onAnswer: (milliseconds) => {
      timing?.add('d1', milliseconds)
      const bookmark = session.getBookmark()
      if (bookmark) c.set('bookmark', namedBookmark(placed, bookmark))
    },
  })
}

const CONSTRAINT = { current: 'first-primary', nearest: 'first-unconstrained' } as const

// A bookmark means nothing to another database than its own: those of DB_2, DB_3 … are marked with the binding's name.
const prefixOf = ({ name }: Placed) => (name === MAIN ? '' : `${name}:`)

/** The client's bookmark, if it is one of this database; D1 answers with an error to what is no bookmark. */
function bookmarkFor(placed: Placed, c: RequestContext): string | undefined {
  const given = c.req.header(BOOKMARK)
  const prefix = prefixOf(placed)
  if (!given?.startsWith(prefix)) return undefined
  const bookmark = given.slice(prefix.length)
  return /^(?:[0-9a-f]{8}-){3}[0-9a-f]{32}$/.test(bookmark) ? bookmark : undefined
}

/** A bookmark of that database, as the client gets it. */
export const namedBookmark = (placed: Placed, bookmark: string): string => prefixOf(placed) + bookmark
