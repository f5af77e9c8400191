// A state directory that cannot be used: one line says why, and nothing of it is changed.
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { readWorkerConfig } from '../../src/node/config/config.ts'
import { localD1Path } from '../../src/node/state/local-d1-path.ts'
import { cleanUp, newPlace, type Place, runCommand } from './command.ts'

afterEach(cleanUp)

async function start(place: Place) {
  const command = runCommand(place, 'npm', 'run', '--silent', 'start')
  const { code } = await command.exit
  return [code, command.output()]
}

it('a database file that is damaged is left as it is', async () => {
  const place = await newPlace()
  const file = localD1Path(place.STATE_DIR, readWorkerConfig().databases[0].id)
  await mkdir(dirname(file), { recursive: true })
  const damaged = 'no database, though as long as one has to be to be looked at '.repeat(100)
  await writeFile(file, damaged)
  expect(await start(place)).toEqual([
    1,
    'the database could not be made ready: the file is damaged (file is not a database); npm run restore puts a backup in its place\n',
  ])
  expect(await readFile(file, 'utf8')).toBe(damaged)
})

it('a directory that cannot be made is named', async () => {
  const place = await newPlace()
  const file = join(dirname(place.STATE_DIR), 'file')
  await writeFile(file, '')
  expect(await start({ ...place, STATE_DIR: join(file, 'state') })).toEqual([
    1,
    expect.stringMatching(/^the state directory cannot be made: ENOTDIR.*\n$/),
  ])
})
