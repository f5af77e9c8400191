// One process at a time uses a state directory, and its lock ends with it, however that ends.
import { mkdir, symlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { lockDirectory } from '../../src/node/state/directory-lock.ts'
import { cleanUp, newPlace, type Process, processesOf, runCommand, startTenant, until, untilGone } from './command.ts'

afterEach(cleanUp)

const isWorkerd = ({ command }: Process) => / serve .*config\.capnp/.test(command)
const isServer = ({ command }: Process) => /^\S*node\b.* src\/node\/local\/start\.ts/.test(command)

const pidOf = (processes: readonly Process[], is: (process: Process) => boolean) => {
  const found = processes.find(is)
  if (!found) throw new Error(`no such process among ${JSON.stringify(processes)}`)
  return found.pid
}

it('a second server on the directory, by whatever path, is told who has it, and the first serves on', async () => {
  const place = await newPlace()
  const { PORT } = await newPlace()
  const first = await startTenant(place)
  const server = pidOf(await processesOf(first), isServer)
  const link = join(dirname(place.STATE_DIR), 'link')
  await symlink(place.STATE_DIR, link)
  for (const [script, STATE_DIR] of [
    ['start', place.STATE_DIR],
    ['start', link],
    ['dev', place.STATE_DIR],
  ] as const) {
    const second = runCommand({ ...place, PORT, STATE_DIR }, 'npm', 'run', '--silent', script)
    expect((await second.exit).code).toBe(1)
    expect(second.output()).toBe(
      `${STATE_DIR} is in use by a server (process ${server}), at ${first.url}; stop it first\n`,
    )
  }
  expect((await fetch(`${first.url}/ready`)).status).toBe(200)
})

it('a server that is killed gives the directory up as soon as its runtime is gone', async () => {
  const place = await newPlace()
  const tenant = await startTenant(place)
  const processes = await processesOf(tenant)
  process.kill(pidOf(processes, isServer), 'SIGKILL')
  const lock = await lockDirectory(place.STATE_DIR, 'test')
  expect((await processesOf(tenant)).filter(isWorkerd)).toEqual([])
  lock.release()
  await untilGone(processes, place)
})

it('a runtime that outlives its killed server keeps the directory locked', async () => {
  const place = await newPlace()
  const tenant = await startTenant(place)
  const processes = await processesOf(tenant)
  process.kill(
    pidOf(processes, ({ command }) => command.includes('supervisor KILL')),
    'SIGKILL',
  )
  process.kill(pidOf(processes, isServer), 'SIGKILL')
  await until('the server is gone', async () => !(await processesOf(tenant)).some(isServer))
  await expect(lockDirectory(place.STATE_DIR, 'test')).rejects.toThrow('does not say which it is')
  process.kill(pidOf(processes, isWorkerd), 'SIGKILL')
  const lock = await lockDirectory(place.STATE_DIR, 'test')
  lock.release()
})

it('a lock is given back, and of many at once one has it', async () => {
  const directory = join(dirname((await newPlace()).STATE_DIR), 'locked')
  await mkdir(directory)
  const first = await lockDirectory(directory, 'the first')
  await expect(lockDirectory(directory, 'test')).rejects.toThrow(`${directory} is in use by the first (process`)
  first.release()
  const tries = await Promise.allSettled(Array.from({ length: 8 }, () => lockDirectory(directory, 'one of eight')))
  const held = tries.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
  expect(held).toHaveLength(1)
  for (const lock of held) lock.release()
})
