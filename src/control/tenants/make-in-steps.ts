// Makes a tenant in steps. Before the last one, the tenant counts as ended and has its id for its name, so that nobody finds it; what
// a run that was cut off leaves is removed as any tenant that has ended.
import { and, eq, sql } from 'drizzle-orm'
import { failUnless } from '../../database/abort.ts'
import { type Batch, type Bound, bind, type LoadedPartition, type NewPartition } from '../../database/bound.ts'
import type { Database } from '../../database/database.ts'
import { insertInto, update } from '../../database/query-builder.ts'
import { type Slots, statement } from '../../database/statement.ts'
import { literal } from '../../documents/entry-list.ts'
import { plantPartition } from '../../partitions/partition.seed.ts'
import { partitions } from '../../partitions/partition.table.ts'
import { tenants } from '../control.table.ts'
import { captureInSteps } from '../states/steps/capture.ts'
import { dropInSteps } from '../states/steps/clear.ts'
import { plantInSteps } from '../states/steps/plant.ts'
import { ENDED, removeInSteps, removeTenants } from './ended-tenants.ts'

type Of = { partition: string }

const touches = { touches: 'partition' } as const

const rename = statement(
  (v: Slots<Of & { name: string }>) =>
    update(partitions)
      .set({ name: sql`${v.name}` })
      .where(eq(partitions.id, v.partition)),
  touches,
)

const setExpiry = statement(
  (v: Slots<Of & { expires: number | null }>) =>
    update(tenants)
      .set({ expiresAt: sql`${v.expires}` })
      .where(eq(tenants.partitionId, v.partition)),
  touches,
)

const insertEnded = statement(
  (v: Slots<Of>) =>
    insertInto(tenants).values({ partitionId: v.partition, createdAt: literal(ENDED), expiresAt: literal(ENDED) }),
  touches,
)

const checkEnded = statement<Of, { there: number }>((v, row) => {
  const isEnded = and(eq(tenants.partitionId, v.partition), eq(tenants.expiresAt, literal(ENDED)))
  return sql`
    select ${row({
      there: failUnless(sql`exists (select 1 from ${tenants} where ${isEnded})`, 'what was made is removed'),
    })}`
}, touches)

/** The parts that one step stores. */
const PARTS = 4

/** Stores a state. */
export async function keepInSteps(database: Database, parts: Batch): Promise<void> {
  for (let at = 0; at < parts.length; at += PARTS) await database.batch(...parts.slice(at, at + PARTS))
}

/** The statements that insert the tenant as one that has ended. They fail if its name is taken, which could be told last of all. */
export const insertHidden = ({ of: { partition }, own }: NewPartition): Bound<unknown>[] => [
  ...own,
  bind(rename, { partition, name: partition }),
  bind(setExpiry, { partition, expires: ENDED }),
]

/** Makes all that a hidden tenant has, and the snapshot that a reset restores. Nobody sees it before {@link reveal}. */
export async function makeInSteps(database: Database, { of, parts }: NewPartition): Promise<void> {
  await keepInSteps(database, parts)
  await plantInSteps(database, of)
  // The first snapshot lacks what the database added, such as the ids of settings.
  await dropInSteps(database, of)
  await captureInSteps(database, of)
}

/** The statements that make it a tenant that everybody sees. */
export const reveal = ({ of: { partition }, name, expiresAt }: NewPartition): Bound<unknown>[] => [
  bind(checkEnded, { partition }),
  bind(rename, { partition, name }),
  bind(setExpiry, { partition, expires: expiresAt }),
]

/**
 * Makes a tenant of a state, which nobody sees, and removes it.
 * @throws DatabaseFailure where entries of the state contradict each other
 */
export async function tryOut(database: Database, { of, parts }: LoadedPartition): Promise<void> {
  const partition = crypto.randomUUID()
  await database.batch(plantPartition({ id: partition, name: partition }), bind(insertEnded, { partition }))
  try {
    await keepInSteps(database, parts.map(movedTo(partition)))
    await plantInSteps(database, { ...of, partition })
  } finally {
    await unmake(database, partition)
  }
}

/** A statement for another partition than its own. */
const movedTo = (partition: string) => (bound: Bound<unknown>) => ({
  ...bound,
  partition,
  values: bound.values.map((value) => (isIdOf(bound, value) ? partition : value)),
})

// Lengths are compared first: the entries among the values are a part's length of text.
const isIdOf = ({ partition = '' }: Bound<unknown>, value: unknown) =>
  typeof value === 'string' && value.length === partition.length && value.toLowerCase() === partition

/** Removes what was made of a tenant that nobody will see. */
export async function unmake(database: Database, partition: string): Promise<void> {
  await removeInSteps(database, partition)
  await database.batch(removeTenants([partition]))
}
