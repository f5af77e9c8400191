// Restores a snapshot in steps. A note in the database says so from before the first one until the last, so that a restore that was
// cut off is made anew. Nobody may see the partition meanwhile.
import { Database } from '../../../database/database.ts'
import { type Databases, databasesOf } from '../../../database/placement.ts'
import { askForLack } from '../name-fill.queries.ts'
import { clearInSteps, dropInSteps, releaseAll } from './clear.ts'
import { CAPTURING, forgetSteps, isKind, listNotes, type Note, requireNote, takeSteps } from './note.ts'
import { plantInSteps } from './plant.ts'

/** Makes a partition what the snapshot of the note says. Returns a row if names of it have no keys. */
export async function restoreInSteps(database: Database, note: Note): Promise<readonly unknown[]> {
  const { partition, section: name } = note
  const fenced = database.guardedBy(requireNote(note))
  await clearInSteps(fenced, partition)
  await plantInSteps(fenced, { partition, name })
  await releaseAll(fenced, partition)
  const [lack] = await fenced.batch(askForLack(partition), forgetSteps(note))
  return lack
}

/** The note goes last: without it nobody would remove the parts that are left, should this be cut off as well. */
async function uncapture(database: Database, note: Note) {
  await dropInSteps(database, { partition: note.partition, name: CAPTURING })
  await database.batch(forgetSteps(note))
}

/** Makes good what was cut off: a restore is made anew, and of a snapshot that was not taken nothing is left. */
export async function finishSteps(database: Database, { partition, kind, section }: Omit<Note, 'token'>) {
  const note = { partition, kind, section, token: crypto.randomUUID() }
  const [taken] = await database.batch(takeSteps(note))
  if (taken.length === 0) return
  if (kind === CAPTURING) await uncapture(database.guardedBy(requireNote(note)), note)
  else await restoreInSteps(database, note)
}

/** Makes good what was cut off in any database, for whatever reads it without knowing of that. */
export async function finishAllSteps(env: Databases): Promise<void> {
  for (const { d1 } of databasesOf(env)) {
    const database = new Database(d1)
    const [notes] = await database.batch(listNotes())
    for (const { kind, ...note } of notes) if (isKind(kind)) await finishSteps(database, { kind, ...note })
  }
}
