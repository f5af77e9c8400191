// Tells which of a deployment's databases holds a partition. No other code depends on how that is decided.
import { MemoryOf } from '../http/isolate-memory.ts'

/** The binding of the main database: it holds clients and keys, and all partitions if there is no other database. */
export const MAIN = 'DB'

/** The bindings by which a partition's database is found: `DB`, and `DB_2`, `DB_3` … where there are any. */
export type Databases = Pick<Cloudflare.Env, 'DB'>

interface Placement {
  /** All databases in a stable order, each with the hash of its name, which the ranks of partitions start from. */
  readonly shards: readonly (Placed & Ranked)[]
}

interface Ranked {
  name: string
  seed: number
}

const placements = new MemoryOf<D1Database, Placement>('placements')

/** A database and the name of its binding. */
export interface Placed {
  name: string
  d1: D1Database
}

/**
 * The database of `partition`: of all D1 bindings named `DB`, `DB_2`, `DB_3` …, the one that ranks highest for it
 * (rendezvous hashing). One more binding moves only the partitions that belong there.
 */
export function databaseOf(env: Databases, partition: string): Placed {
  const { shards } = placementOf(env)
  const [only] = shards
  if (shards.length === 1 && only) return only
  return highestOf(shards, partition) ?? { name: MAIN, d1: env.DB }
}

/** The name of that binding, for callers that have only the names of the bindings, such as the command line. */
export const bindingOf = (bindings: readonly string[], partition: string): string =>
  highestOf(bindings.filter(isPlace).map(ranked), partition)?.name ?? MAIN

function highestOf<Candidate extends Ranked>(candidates: readonly Candidate[], partition: string) {
  let best: Candidate | undefined
  let highest = -1
  for (const candidate of candidates) {
    const rank = hash(partition.toLowerCase(), candidate.seed)
    if (rank <= highest) continue
    highest = rank
    best = candidate
  }
  return best
}

const isPlace = (binding: string) => /^DB(?:_\d+)?$/.test(binding)
const ranked = (name: string): Ranked => ({ name, seed: hash(name, OFFSET) })

/** All of a deployment's databases, the main one first. */
export const databasesOf = (env: Databases): readonly Placed[] => placementOf(env).shards

function placementOf(env: Databases): Placement {
  const known = placements.get(env.DB)
  if (known) return known
  const others = Object.entries(env).filter((entry): entry is [string, D1Database] => /^DB_\d+$/.test(entry[0]))
  const shards = [[MAIN, env.DB] as const, ...others.sort(([one], [other]) => one.localeCompare(other))].map(
    ([name, d1]) => ({ ...ranked(name), d1 }),
  )
  const placement = { shards }
  placements.set(env.DB, placement)
  return placement
}

const OFFSET = 0x811c9dc5

/** FNV-1a with the final mix of MurmurHash3, without which similar ids would have similar ranks. Unsigned 32 bits. */
function hash(text: string, seed: number): number {
  let value = seed
  for (let index = 0; index < text.length; index++) value = Math.imul(value ^ text.charCodeAt(index), 0x01000193)
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b)
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35)
  return (value ^ (value >>> 16)) >>> 0
}
