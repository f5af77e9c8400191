// Takes a snapshot in steps, each with a transaction of its own. Nobody may change the partition meanwhile.
import { sql } from 'drizzle-orm'
import { bind, type Database, type KeptState } from '../../../database/database.ts'
import { statement } from '../../../database/statement.ts'
import { literal } from '../../../documents/entry-list.ts'
import { ownSettingList } from '../../../settings/setting.section.ts'
import { MAX_PARTS, ofAccounts, others, type Step, stepsThrough } from '../large-copies.ts'
import { captured, type SnapshotKey } from '../snapshot-parts.ts'

type Capturing = SnapshotKey & { at: number }

const touches = { touches: 'partition' } as const

const captureAccounts = statement<Step & Capturing & { firstPart: number }>((v) => {
  const extracts = ofAccounts.map(({ list, within }) => ({
    list,
    within: within(v),
    firstPart: sql`${literal(list.firstPart ?? 0)} + ${v.firstPart}`,
  }))
  return captured({ source: v.partition, partition: v.partition, name: v.name, at: v.at }, extracts)
}, touches)

const captureOthers = statement<Capturing>((v) => {
  const extracts = [...others, ownSettingList].map((list) => ({ list }))
  return captured({ source: v.partition, partition: v.partition, name: v.name, at: v.at }, extracts)
}, touches)

/** Keeps the data of a partition as the snapshot `name`, of which there may be no part. */
export async function captureInSteps(database: Database, { partition, name, at }: KeptState): Promise<void> {
  for (const [index, step] of (await stepsThrough(database, partition)).entries()) {
    await database.batch(bind(captureAccounts, { partition, name, at, ...step, firstPart: MAX_PARTS * index }))
  }
  await database.batch(bind(captureOthers, { partition, name, at }))
}
