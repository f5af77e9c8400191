// The key that encrypts secrets in the database of a local run: one for each state directory, made on first use.
import { randomBytes, randomUUID } from 'node:crypto'
import { link, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { codeOf } from '../error-details.ts'

/** The file's name in the state directory. */
export const ENCRYPTION_KEY = 'encryption.key'

/** Readable by its owner alone: the key and the database together give the secrets. */
const MODE = 0o600

/**
 * The value of ENCRYPTION_KEY for the data in `stateDir`, a directory that exists. The key is written to a draft, flushed
 * to the disk and linked to its name, which fails if the name exists. So a process that is killed leaves no truncated key,
 * and two that start at once use the same one: a second key would make secrets encrypted under the first unreadable.
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
