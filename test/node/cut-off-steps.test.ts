// What a killed run had begun in steps is finished before anything that knows nothing of steps reads the data: `npm run dev`, a backup.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { CAPTURING } from '../../src/control/states/snapshot-parts.ts'
import { NAMING } from '../../src/control/states/steps/note.ts'
import { readWorkerConfig } from '../../src/node/config/config.ts'
import { LocalD1 } from '../../src/node/state/local-d1.ts'
import { localD1Path } from '../../src/node/state/local-d1-path.ts'
import { prepareState } from '../../src/node/state/prepare.ts'

const worker = readWorkerConfig()
let stateDir: string

beforeEach(async () => {
  stateDir = await mkdtemp(join(tmpdir(), 'cut-off-'))
  await prepareState(worker, stateDir)
})
afterEach(() => rm(stateDir, { recursive: true, force: true }))

/** Runs SQL on the database, and returns the rows of the last statement. */
async function onDatabase(...statements: string[]) {
  const d1 = new LocalD1(localD1Path(stateDir, worker.databases[0].id))
  try {
    return (await d1.batch(statements.map((sql) => d1.prepare(sql)))).at(-1)?.results
  } finally {
    d1.close()
  }
}

const insertPart = (name: string, section: string, entries: string) =>
  `insert into snapshots (partition_id, name, section, part, count, entries, created_at)
   values ('magic-7', '${name}', '${section}', 0, 1, '${entries}', 1)`

const listParts = "select name, section, entries from snapshots where name <> '' order by section"

test('a snapshot that was being given its name has it', async () => {
  await onDatabase(
    insertPart('kept', 'groups', '["new"]'),
    insertPart(CAPTURING, 'settings', '["new"]'),
    insertPart(NAMING, 'kept', 'a token of the run that was killed'),
  )
  await prepareState(worker, stateDir)
  expect(await onDatabase(listParts)).toEqual([
    { name: 'kept', section: 'groups', entries: '["new"]' },
    { name: 'kept', section: 'settings', entries: '["new"]' },
  ])
})

test('a note that a killed run left behind its work is gone', async () => {
  await onDatabase(
    insertPart('kept', 'settings', '["new"]'),
    insertPart(NAMING, 'kept', 'a token of the run that was killed'),
  )
  await prepareState(worker, stateDir)
  expect(await onDatabase(listParts)).toEqual([{ name: 'kept', section: 'settings', entries: '["new"]' }])
})

test('of a snapshot that was being taken nothing is left', async () => {
  await onDatabase(
    insertPart('kept', 'settings', '["old"]'),
    insertPart(CAPTURING, 'settings', '["new"]'),
    insertPart(CAPTURING, '', 'a token of the run that was killed'),
  )
  await prepareState(worker, stateDir)
  expect(await onDatabase(listParts)).toEqual([{ name: 'kept', section: 'settings', entries: '["old"]' }])
})
