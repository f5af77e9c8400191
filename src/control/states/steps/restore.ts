// Restores a snapshot in steps. A note in the database says so from before the first one until the last, so that a restore that was
// cut off is made anew. Nobody may see the partition meanwhile.
import { Database } from '../../../database/database.ts'
import { type Databases, databasesOf } from '../../../database/placement.ts'
import { askForLack } from '../name-fill.queries.ts'
import { CAPTURING } from '../snapshot-parts.ts'
import { nameInSteps } from './capture.ts'
import { clearInSteps, dropInSteps, releaseAll } from './clear.ts'
import { forgetSteps, isKind, listNotes, NAMING, type Note, noteSteps, requireNote, takeSteps } from './note.ts'
import { plantInSteps } from './plant.ts'

/**
 * Makes a partition what the snapshot of the note says, and removes that if it was stored for this alone. Returns a row if names
 * of it have no keys.
 */
export async function restoreInSteps(database: Database, note: Note): Promise<readonly unknown[]> {
  const { partition, section: name } = note
  const fenced = database.guardedBy(requireNote(note))
  await clearInSteps(fenced, partition)
  await plantInSteps(fenced, { partition, name })
  await releaseAll(fenced, partition)
  const isOver = [askForLack(partition), forgetSteps(note)] as const
  if (name !== CAPTURING) return (await fenced.batch(...isOver))[0]
  // From here on it would be made anew of parts that are not all there.
  const rest = { ...note, kind: CAPTURING, section: '' } as const
  const [lack] = await fenced.batch(...isOver, noteSteps(rest))
  await uncapture(database, rest)
  return lack
}

/** The note goes last: without it nobody would remove the parts that are left, should this be cut off as well. */
async function uncapture(database: Database, note: Note) {
  const fenced = database.guardedBy(requireNote(note))
  await dropInSteps(fenced, { partition: note.partition, name: CAPTURING })
  await fenced.batch(forgetSteps(note))
}

/**
 * Makes good what was cut off: a restore is made anew, a snapshot that was taken is given its name, and of one that was not nothing
 * is left.
 * @param partition in lower case; all where it is left out
 */
export async function finishSteps(database: Database, partition?: string): Promise<void> {
  const [notes] = await database.batch(listNotes())
  for (const { kind, ...found } of notes) {
    const isMeant = partition === undefined || found.partition.toLowerCase() === partition
    if (isMeant && isKind(kind)) await finish(database, { ...found, kind, token: crypto.randomUUID() })
  }
}

async function finish(database: Database, note: Note): Promise<void> {
  const [taken] = await database.batch(takeSteps(note))
  if (taken.length === 0) return
  if (note.kind === CAPTURING) await uncapture(database, note)
  else if (note.kind === NAMING) await nameInSteps(database, note)
  else await restoreInSteps(database, note)
}

/** Makes good what was cut off in any database, for whatever reads it without knowing of that. */
export async function finishAllSteps(env: Databases): Promise<void> {
  for (const { d1 } of databasesOf(env)) await finishSteps(new Database(d1))
}
