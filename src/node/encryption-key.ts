// The key a local run seals secrets under: one for each state directory, made on first use.
import { randomBytes, randomUUID } from 'node:crypto'
import { link, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { codeOf } from './error-details.ts'

/** The file's name in the state directory. */
export const ENCRYPTION_KEY = 'encryption.key'

/** Owner only: whoever has it and the database has the secrets. */
const MODE = 0o600

/**
 * ENCRYPTION_KEY of the data in `stateDir`, which exists. Killed at any moment, or run twice at once, there is one key
 * and it is whole.
 */
export async function localEncryptionKey(stateDir: string): Promise<string> {
  const file = join(stateDir, ENCRYPTION_KEY)
  return (await read(file)) ?? (await create(file))
}

async function create(file: string): Promise<string> {
  const draft = `${file}.${randomUUID()}`
  await writeFile(draft, `${randomBytes(32).toString('base64url')}\n`, { mode: MODE, flush: true })
  try {
    await link(draft, file)
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error
  } finally {
    await rm(draft, { force: true })
  }
  return (await readFile(file, 'utf8')).trim()
}

async function read(file: string): Promise<string | undefined> {
  try {
    return (await readFile(file, 'utf8')).trim()
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  }
}
