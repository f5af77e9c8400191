// Temporary directories of processes that were killed are removed by the next process, and no others.
import { mkdtemp, readdir, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { isInMemory } from '../../src/node/runtime/memory-disk.ts'
import { cleanUp, runCommand, until } from './command.ts'

let place: string
beforeEach(async () => {
  place = await mkdtemp(join(tmpdir(), 'left-behind-'))
})
afterEach(async () => {
  await cleanUp()
  await rm(place, { recursive: true, force: true })
})

const MODULE = join(import.meta.dirname, '../../src/node/runtime/temporary-directory.ts')
const SCRIPT = `const { makeTemporaryDirectory } = await import(${JSON.stringify(MODULE)})
console.log('made ' + await makeTemporaryDirectory())
setInterval(() => {}, 1000)`

/** A process that has made a temporary directory, and lives on. */
async function start(env: Record<string, string> = { TMPDIR: place }) {
  const command = runCommand(env, process.execPath, '--input-type=module', '-e', SCRIPT)
  await until('it has made a directory', async () => command.output().includes('made '))
  const [, path = ''] = /made (.*)/.exec(command.output()) ?? []
  return { command, path, name: basename(path) }
}

it('a directory goes with the next start after its process was killed, and one of a living process stays', async () => {
  const [living, killed] = [await start(), await start()]
  process.kill(killed.command.group, 'SIGKILL')
  await killed.command.exit
  // The names of another machine that shares the directory, of another program, and of what is no directory.
  const [, ofMachine = ''] = /^identity-edge-(\w{8})-/.exec(killed.name) ?? []
  const others = [killed.name.replace(ofMachine, '00000000'), `identity-edge-${ofMachine}-notes`, 'else']
  const link = `identity-edge-${ofMachine}-${killed.command.group}-linked`
  for (const name of [...others, link]) await symlink(dirname(MODULE), join(place, name))
  expect((await readdir(place)).toSorted()).toEqual([...others, link, living.name, killed.name].toSorted())
  const next = await start()
  expect((await readdir(place)).toSorted()).toEqual([...others, link, living.name, next.name].toSorted())
  expect((await readdir(dirname(MODULE))).length).toBeGreaterThan(1)
})

it('a process that ends by itself leaves nothing', async () => {
  const script = SCRIPT.replace(/setInterval.*/, '')
  const { exit, output } = runCommand({ TMPDIR: place }, process.execPath, '--input-type=module', '-e', script)
  expect((await exit).code).toBe(0)
  expect(output()).toContain('made ')
  expect(await readdir(place)).toEqual([])
})

it.runIf(isInMemory('/dev/shm'))(
  'without TMPDIR it is in memory, where a killed process leaves nothing either',
  async () => {
    const env = { TMPDIR: '', TMP: '', TEMP: '' }
    const killed = await start(env)
    expect(dirname(killed.path)).toBe('/dev/shm')
    process.kill(killed.command.group, 'SIGKILL')
    await killed.command.exit
    const next = await start(env)
    const left = await readdir('/dev/shm')
    expect(left).toContain(next.name)
    expect(left).not.toContain(killed.name)
  },
)
