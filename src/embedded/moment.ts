// The moment of a large change that is made in steps: what of its batch takes place at once.
import type { Batch } from '../database/bound.ts'
import type { Rows } from '../database/database.ts'
import type { Pass } from './steps.ts'

/** Runs a batch with `moment` in place of the statements of its large change, which return no rows. */
export async function withMoment(batch: Batch, moment: Batch, pass: Pass): Promise<Rows> {
  const first = batch.findIndex(({ change }) => change)
  const rest = batch.flatMap((bound, index) => (index === first ? moment : bound.change ? [] : bound))
  const rows = rest.length > 0 ? await pass(rest) : []
  let next = 0
  return batch.map(({ change }, index) => {
    if (index === first) next += moment.length
    return change ? [] : (rows[next++] ?? [])
  })
}

/** Asks once more what a batch reads behind its large change: of what was noted as made, it has seen the note alone. */
export async function readAnew(batch: Batch, rows: Rows, pass: Pass): Promise<Rows> {
  const last = batch.findLastIndex(({ change }) => change)
  const reads = batch.flatMap((bound, index) => (index > last && !bound.writes ? [{ bound, index }] : []))
  if (reads.length === 0) return rows
  const found = await pass(reads.map(({ bound }) => bound))
  const anew = new Map(reads.map(({ index }, place) => [index, found[place] ?? []]))
  return rows.map((before, index) => anew.get(index) ?? before)
}
