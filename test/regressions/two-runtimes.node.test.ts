// workerd opens the metadata of its Durable Objects when it starts. Of two that started at the same time on one directory, the one that
// migrates data of an older version and the server's, one could find it locked, and the start failed.
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { repository } from '../../src/node/local/repository.ts'
import { openServer } from '../../src/node/runtime/server.ts'

let stateDir: string
beforeEach(async () => {
  stateDir = await mkdtemp(join(tmpdir(), 'former-'))
})
afterEach(() => rm(stateDir, { recursive: true }))

test('what needs a runtime of its own is done before the server’s starts', async () => {
  // It is written just before workerd is started.
  const hasStarted = () => existsSync(join(stateDir, 'runtime/config.capnp'))
  const seen: boolean[] = []
  const look = async () => {
    seen.push(hasStarted())
    await sleep(50)
    seen.push(hasStarted())
  }
  const server = await openServer({ ...repository, migrateFormer: look }, { stateDir })
  await server.stop()
  expect(seen).toEqual([false, false])
  expect(hasStarted()).toBe(true)
})

test('if it fails, no runtime is started, and the directory is free again', async () => {
  const fail = () => Promise.reject(new Error('on purpose'))
  await expect(openServer({ ...repository, migrateFormer: fail }, { stateDir })).rejects.toThrow('on purpose')
  expect(existsSync(join(stateDir, 'runtime'))).toBe(false)
  const server = await openServer(repository, { stateDir })
  await server.stop()
})
