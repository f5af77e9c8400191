// Gives names the keys that they lack, in bounded steps: names of before there were keys, or that another version of the Worker
// wrote.
import { Database } from '../../database/database.ts'
import { type Databases, databasesOf } from '../../database/placement.ts'
import { type Clash, KINDS, type Kind } from './name-clash.ts'
import { keepKeys, listUnkeyed } from './name-fill.queries.ts'

/** How far a run has come: the index of the database, the kind of names, and the `seq` of the last row that was looked at. */
export interface Position {
  database: number
  kind: Kind
  after: number
}

/** The result of a step: what it did, and where the next step begins; undefined at the end of the last database. */
export interface Step {
  filled: number
  clashing: Clash[]
  next: Position | undefined
}

export const START: Position = { database: 0, kind: 'userName', after: 0 }

/**
 * Runs one step: gives at most 250 names keys. Steps are idempotent: one may be repeated, and a run may begin again.
 *
 * @example
 * for (let from: Position | undefined = START; from; ) from = (await fillNames(env, from)).next
 */
export async function fillNames(env: Databases, from: Position): Promise<Step> {
  const d1 = databasesOf(env)[from.database]?.d1
  if (!d1) return { filled: 0, clashing: [], next: undefined }
  const { filled, clashing, after } = await fillKind(new Database(d1), from.kind, from.after)
  return { filled, clashing, next: after === undefined ? behind(env, from) : { ...from, after } }
}

/** The beginning of the next kind, or of the next database. */
function behind(env: Databases, { database, kind }: Position): Position | undefined {
  const next = KINDS[KINDS.indexOf(kind) + 1]
  if (next) return { database, kind: next, after: 0 }
  return databasesOf(env)[database + 1] && { ...START, database: database + 1 }
}

/** Runs all steps. Returns the names that have no key then. */
export async function fillAllNames(env: Databases): Promise<Clash[]> {
  const clashing: Clash[] = []
  for (let from: Position | undefined = START; from; ) {
    const step: Step = await fillNames(env, from)
    clashing.push(...step.clashing)
    from = step.next
  }
  return clashing
}

/** Runs all steps for the names of one partition. */
export async function fillPartition(database: Database, partition: string): Promise<void> {
  for (const kind of KINDS) {
    let after: number | undefined = 0
    while (after !== undefined) after = (await fillKind(database, kind, after, partition)).after
  }
}

/** @returns `after` is the row behind which the next step begins; undefined at the end of the table */
async function fillKind(database: Database, kind: Kind, after: number, partition?: string) {
  const { found, next } = await listUnkeyed(database, kind, after, partition)
  const left = found.length > 0 ? await keepKeys(database, kind, found) : []
  const clashing = left.map(({ partition, id, name }): Clash => ({ partition, kind, id, name }))
  return { filled: found.length - left.length, clashing, after: next }
}
