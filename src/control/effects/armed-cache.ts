// What tests have armed for a partition, as this isolate heard of it last. In a deployment that may be out of date: the
// `revision` in it is compared with the database's before an answer goes out.
import { BoundedMap } from '../../http/bounded-map.ts'
import { MemoryOf } from '../../http/isolate-memory.ts'
import { type ClockSetting, REAL } from './clock.ts'
import type { Fault } from './fault.schema.ts'

/** What can be set for a partition beside faults. */
export interface ControlSettings {
  readonly clock: ClockSetting
  /** Whether its requests are written to the journal. */
  readonly journal: boolean
  /** The id of the user who is signed in at once wherever a client asks for a user; left out, nobody is. */
  readonly signIn?: string | null
  /** Request headers that its journal keeps beside those it always does, in lower case. */
  readonly headers?: readonly string[]
}

/** All that changes how requests of a partition are answered. */
export interface Armed extends ControlSettings {
  /** Grows with every change; 0 for a partition that nothing was ever armed for. */
  readonly revision: number
  readonly faults: readonly Fault[]
}

export const DEFAULT_SETTINGS: ControlSettings = { clock: REAL, journal: false }
export const NOTHING_ARMED: Armed = { revision: 0, ...DEFAULT_SETTINGS, faults: [] }

/** Whether the partition's requests are answered as if there were no control plane. */
export const isDisarmed = ({ clock, journal, faults }: Armed) => clock.is === REAL.is && !journal && faults.length === 0

interface CachedArmed {
  readonly armed: Armed
  /** Whether no other isolate can have changed it since, so that it need not be compared with the database. */
  readonly exact: boolean
}

const NEVER_LOADED: CachedArmed = { armed: NOTHING_ARMED, exact: false }

/** Partitions in the cache; beyond this the oldest are evicted. */
const MAX_PARTITIONS = 10_000

const caches = new MemoryOf<D1Database, BoundedMap<string, CachedArmed>>('armed')

const cacheOf = (env: Cloudflare.Env) => caches.getOrMake(env.DB, () => new BoundedMap({ entries: MAX_PARTITIONS }))

/**
 * What is armed for a partition as far as this isolate knows: nothing, if it never asked the database.
 * @param partition its id in lower case, as for all that is cached
 */
export const cachedArmed = (env: Cloudflare.Env, partition: string): CachedArmed =>
  cacheOf(env).get(partition) ?? NEVER_LOADED

/** What is armed for a partition, if this isolate has heard of it. */
export const knownArmed = (env: Cloudflare.Env, partition: string): Armed | undefined =>
  cacheOf(env).get(partition)?.armed

/** Caches what the database has just told, unless a newer revision is there already; returns the newer of the two. */
export function cacheArmed(env: Cloudflare.Env, partition: string, armed: Armed): Armed {
  const cache = cacheOf(env)
  const before = cache.get(partition)
  if (before && before.armed.revision > armed.revision) return before.armed
  // Embedded, there is no other isolate that could arm anything.
  cache.set(partition, { armed, exact: Boolean(env.EMBEDDED) })
  return armed
}

/** Drops what is cached of a partition that does not exist any more. */
export const evictArmed = (env: Cloudflare.Env, partition: string) => cacheOf(env).delete(partition.toLowerCase())

/** Caches what a partition has that was made just now: `settings`, if they were written with it, and no faults. */
export const cacheNewPartition = (env: Cloudflare.Env, partition: string, settings?: Partial<ControlSettings>) =>
  cacheArmed(env, partition.toLowerCase(), settings ? { ...NOTHING_ARMED, ...settings, revision: 1 } : NOTHING_ARMED)
