// The key of a local run's secrets: one for a state directory, its owner's alone.
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { readWorkerConfig } from '../../src/node/config.ts'
import { localEncryptionKey } from '../../src/node/encryption-key.ts'
import { LocalD1 } from '../../src/node/local-d1.ts'
import { localD1Path } from '../../src/node/local-d1-path.ts'
import { prepareState } from '../../src/node/prepare.ts'
import { isEncryptionKey } from '../../src/secrets/encryption-keys.ts'

let stateDir: string

beforeEach(async () => {
  stateDir = await mkdtemp(join(tmpdir(), 'identity-edge-key-'))
})
afterEach(() => rm(stateDir, { recursive: true, force: true }))

it('is made once, even by many at once, and nobody else can read it', async () => {
  const keys = await Promise.all(Array.from({ length: 20 }, () => localEncryptionKey(stateDir)))
  const [key = ''] = keys

  expect(isEncryptionKey(key)).toBe(true)
  expect(new Set(keys).size).toBe(1)
  expect(await localEncryptionKey(stateDir)).toBe(key)
  expect(await readdir(stateDir)).toEqual(['encryption.key'])
  expect((await stat(join(stateDir, 'encryption.key'))).mode & 0o777).toBe(0o600)
})

it('seals the secrets of a first start, none of which is in the database file', async () => {
  await prepareState(readWorkerConfig(), stateDir)
  const path = localD1Path(stateDir, readWorkerConfig().databases[0].id)
  const d1 = new LocalD1(path)
  const { results } = await d1
    .prepare(
      "select value from settings where key = 'Email.Smtp.Password' union all select private_jwk from signing_keys",
    )
    .all<{ value: string }>()
  d1.close()

  expect(results).toHaveLength(2)
  for (const { value } of results) expect(value).toMatch(/^sealed:v1:/)
  const file = await readFile(path, 'latin1')
  expect(file).not.toContain('protego-spell')
  expect(file).not.toContain('"qi"')
})

it('is the one that is given, and then none is kept', async () => {
  const given = Buffer.alloc(32, 7).toString('base64url')

  expect(await prepareState(readWorkerConfig(), stateDir, given)).toBe(given)
  expect(await readdir(stateDir)).not.toContain('encryption.key')
})
