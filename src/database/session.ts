// Opens the database for a request: which one, how fresh, and what of it the answer tells.
import type { Context } from 'hono'
import type { AnswerVariables } from '../http/ok.ts'
import type { Timing } from '../http/timing.ts'
import type { TraceVariables } from '../http/trace.ts'
import { Database, type Guard } from './database.ts'
import { ExactCache } from './exact-cache.ts'
import { deadlineOf } from './failure.ts'
import { GroupCommit } from './group-commit.ts'
import { databaseOf, MAIN, type Placed } from './placement.ts'
import type { Grounds } from './remembered-answers.ts'
import type { TenantControl } from './tenant-control.ts'

/** What every handler can rely on. */
export interface AppEnv {
  Bindings: Cloudflare.Env
  Variables: { timing?: Timing; control?: TenantControl; grounds?: Grounds } & AnswerVariables & TraceVariables
}

/** What of a request's context opening a database takes. */
interface Hop extends Pick<Context, 'executionCtx'> {
  set(key: 'answerHeaders', headers: Record<string, string>): void
  readonly env: Cloudflare.Env
  readonly req: Pick<Context['req'], 'header'>
  readonly var: { readonly timing?: Timing; readonly control?: TenantControl; readonly grounds?: Grounds }
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
export function openPartition(c: Hop, partition: string, freshness: Freshness, guard?: Guard): Database {
  const { timing, control } = c.var
  if (timing) timing.partition = partition
  const guards = [control?.guardFor(partition), guard].filter((one) => one !== undefined)
  return open(c, databaseOf(c.env, partition), freshness, guards)
}

function open(c: Hop, placed: Placed, freshness: Freshness, guards?: readonly Guard[]): Database {
  const { timing, grounds } = c.var
  const deadline = deadlineOf(c.env)
  const memory = c.env.EMBEDDED ? memoryOf(placed.d1, deadline) : undefined
  if (memory?.answerHeaders) c.set('answerHeaders', memory.answerHeaders)
  if (memory) grounds?.carry(() => memory.answerHeaders)
  const session = memory ? lazily(() => placed.d1.withSession('first-primary')) : sessionFor(c, placed, freshness)
  return new Database(session, {
    guards,
    grounds,
    deadline,
    cache: memory?.cache,
    commits: memory?.commits,
    keepAlive: (write) => c.executionCtx.waitUntil(write),
    onAnswer: (results) => {
      timing?.count(results)
      const bookmark = session.getBookmark()
      if (!bookmark) return
      const answerHeaders = { [BOOKMARK]: `${prefixOf(placed)}${bookmark}` }
      c.set('answerHeaders', answerHeaders)
      if (memory) memory.answerHeaders = answerHeaders
    },
    onTrip:
      (timing || memory) &&
      ((milliseconds) => {
        timing?.add('d1', milliseconds)
        // What another request sent together with its own has left its bookmark here.
        if (memory?.answerHeaders) c.set('answerHeaders', memory.answerHeaders)
      }),
  })
}

const CONSTRAINT = { current: 'first-primary', nearest: 'first-unconstrained' } as const

const sessionFor = (c: Hop, placed: Placed, freshness: Freshness) =>
  placed.d1.withSession(bookmarkFor(placed, c) ?? CONSTRAINT[freshness])

/** A session that is opened only when something is asked: what the cache answers needs none. */
function lazily(open: () => D1DatabaseSession): D1DatabaseSession {
  let opened: D1DatabaseSession | undefined
  const session = () => {
    opened ??= open()
    return opened
  }
  return {
    prepare: (sql) => session().prepare(sql),
    batch: (statements) => session().batch(statements),
    getBookmark: () => session().getBookmark(),
  }
}

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

/** What an isolate that is the only one to write remembers of a database. */
interface Memory {
  readonly cache: ExactCache
  readonly commits: GroupCommit
  /** The newest bookmark. What is remembered has not changed since it was read, so it is as good for that. */
  answerHeaders?: Record<string, string>
}

const memories = new WeakMap<D1Database, Memory>()

function memoryOf(d1: D1Database, deadline: number | undefined): Memory {
  const memory = memories.get(d1) ?? { cache: new ExactCache(), commits: new GroupCommit(deadline) }
  memories.set(d1, memory)
  return memory
}
