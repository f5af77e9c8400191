// What the rows of a write tell of reads that mostly follow it: these are answered without the database. A test writes a setting
// and reads it; it makes a tenant and asks for a token as its client.
import { type ClientRow, selectClient } from '../connect/client.queries.ts'
import { insertClient } from '../connect/client.seed.ts'
import { type Batch, type Bound, bind } from '../database/bound.ts'
import type { Rows } from '../database/database.ts'
import { selectOwn, upsertOwn, type Written } from '../settings/setting.queries.ts'
import { writesTold } from './touched-partitions.ts'

/** A read, and the rows that it returns until the partition is written to again. */
export interface Told {
  readonly read: Bound<unknown>
  readonly rows: readonly unknown[]
}

type Tell = (rows: readonly unknown[], bound: Bound<unknown>) => Told | undefined

const isClient = (row: unknown): row is ClientRow => typeof row === 'object' && row !== null && 'secretHash' in row

const isWritten = (row: unknown): row is Written =>
  typeof row === 'object' && row !== null && 'partitionGlobalId' in row

function tellClient([row]: readonly unknown[]): Told | undefined {
  return isClient(row) ? { read: bind(selectClient, { client: row.id }), rows: [row] } : undefined
}

function tellSettings(rows: readonly unknown[], { values }: Bound<unknown>): Told | undefined {
  const places = upsertOwn.parameters.map(({ name }) => name)
  const [partition, settings] = ['partition', 'settings'].map((name) => values[places.indexOf(name)])
  // Where nothing was written the partition is unknown, or the setting's user.
  if (typeof partition !== 'string' || typeof settings !== 'string' || rows.length === 0) return undefined
  const pairs: [string, unknown][] = JSON.parse(settings)
  const written = rows.filter(isWritten).toSorted((one, other) => one.id - other.id)
  return {
    read: bind(selectOwn, { partition, keys: JSON.stringify(pairs.map(([key]) => key)) }),
    rows: written.map((row) => ({ ...row, userId: null })),
  }
}

/** By the number of a statement that writes. */
const TELLS = new Map<number, Tell>([
  [insertClient.number, tellClient],
  [upsertOwn.number, tellSettings],
])

/** The reads that a batch with these rows tells of. */
export const toldBy = (batch: Batch, rows: Rows): Told[] =>
  batch.flatMap((bound, index) => {
    const told = TELLS.get(bound.number)?.(rows[index] ?? [], bound)
    return told && !batch.slice(index + 1).some((later) => later.number !== bound.number && writesTold(later))
      ? told
      : []
  })
