// What a killed run had begun in steps is finished before anything that knows nothing of steps reads the data: `npm run dev`, a backup.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { CAPTURING } from '../../src/control/states/snapshot-parts.ts'
import { NAMING } from '../../src/control/states/steps/note.ts'
import { readWorkerConfig } from '../../src/node/config/config.ts'
import { prepareState } from '../../src/node/state/prepare.ts'
import { onDatabase } from './on-database.ts'

const worker = readWorkerConfig()
let stateDir: string

beforeEach(async () => {
  stateDir = await mkdtemp(join(tmpdir(), 'cut-off-'))
  await prepareState(worker, stateDir)
})
afterEach(() => rm(stateDir, { recursive: true, force: true }))

const insertPart = (name: string, section: string, entries: string) =>
  `insert into snapshots (partition_id, name, section, part, count, entries, created_at)
   values ('magic-7', '${name}', '${section}', 0, 1, '${entries}', 1)`

/** The parts that are there once what a killed run has left, `parts`, was prepared. */
async function partsAfter(...parts: string[]) {
  await onDatabase(stateDir, ...parts)
  await prepareState(worker, stateDir)
  return onDatabase(stateDir, "select name, section, entries from snapshots where name <> '' order by section")
}

test('a snapshot that was being given its name has it', async () => {
  const left = await partsAfter(
    insertPart('kept', 'groups', '["new"]'),
    insertPart(CAPTURING, 'settings', '["new"]'),
    insertPart(NAMING, 'kept', 'a token of the run that was killed'),
  )
  expect(left).toEqual([
    { name: 'kept', section: 'groups', entries: '["new"]' },
    { name: 'kept', section: 'settings', entries: '["new"]' },
  ])
})

test('a note that a killed run left behind its work is gone', async () => {
  const left = await partsAfter(
    insertPart('kept', 'settings', '["new"]'),
    insertPart(NAMING, 'kept', 'a token of the run that was killed'),
  )
  expect(left).toEqual([{ name: 'kept', section: 'settings', entries: '["new"]' }])
})

test('of a snapshot that was being taken nothing is left', async () => {
  const left = await partsAfter(
    insertPart('kept', 'settings', '["old"]'),
    insertPart(CAPTURING, 'settings', '["new"]'),
    insertPart(CAPTURING, '', 'a token of the run that was killed'),
  )
  expect(left).toEqual([{ name: 'kept', section: 'settings', entries: '["old"]' }])
})
