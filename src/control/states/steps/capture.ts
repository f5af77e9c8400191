// Takes a snapshot in steps, each with a transaction of its own. Nobody may change the partition meanwhile.
import { sql } from 'drizzle-orm'
import { bind, type CapturedState } from '../../../database/bound.ts'
import type { Database } from '../../../database/database.ts'
import { nameOf } from '../../../database/query-builder.ts'
import { statement } from '../../../database/statement.ts'
import { literal } from '../../../documents/entry-list.ts'
import { ownSettingList } from '../../../settings/setting.section.ts'
import { snapshots } from '../../control.table.ts'
import { extractsOf, MAX_PARTS, others, type Step, stepsThrough } from '../large-copies.ts'
import { CAPTURING, captured, type SnapshotKey } from '../snapshot-parts.ts'
import { partsInSteps } from './clear.ts'
import { forgetSteps, type Note, requireNote } from './note.ts'
import { repeat } from './rows.ts'

type Capturing = SnapshotKey & { at: number }

const touches = { touches: 'partition' } as const

const captureAccounts = statement<Step & Capturing & { firstPart: number }>((v) => {
  return captured({ source: v.partition, partition: v.partition, name: v.name, at: v.at }, extractsOf(v))
}, touches)

const captureOthers = [...others, ownSettingList].map((list) =>
  statement<Capturing>(
    (v) => captured({ source: v.partition, partition: v.partition, name: v.name, at: v.at }, [{ list }]),
    touches,
  ),
)

/** Keeps the data of a partition as the snapshot `name`, of which there may be no part. */
export async function captureInSteps(database: Database, { partition, name, at }: CapturedState): Promise<void> {
  for (const [index, step] of (await stepsThrough(database, partition)).entries()) {
    await database.batch(bind(captureAccounts, { partition, name, at, ...step, firstPart: MAX_PARTS * index }))
  }
  for (const capture of captureOthers) await database.batch(bind(capture, { partition, name, at }))
}

const nameParts = partsInSteps<SnapshotKey>(
  (v) => sql`update ${snapshots} set ${nameOf(snapshots.name)} = ${v.name}`,
  () => literal(CAPTURING),
)

/** Gives the parts of a snapshot that is taken the name that the note says, which no other may have. */
export async function nameInSteps(database: Database, note: Note): Promise<void> {
  const { partition, section: name } = note
  const fenced = database.guardedBy(requireNote(note))
  await repeat(fenced, nameParts, { partition, name })
  await fenced.batch(forgetSteps(note))
}
