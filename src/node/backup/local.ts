// Backup and restore of a local server's data: its SQLite file, and the file of the key that encrypts the secrets in it.
import { existsSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { DatabaseConfig, WorkerConfig } from '../config/config.ts'
import { messageOf } from '../error-details.ts'
import { StartFailure } from '../start-failure.ts'
import { lockDirectory } from '../state/directory-lock.ts'
import { ENCRYPTION_KEY } from '../state/encryption-key.ts'
import { localD1Path } from '../state/local-d1-path.ts'
import { copyPrivately, makePrivateDirectory, makePrivateFile } from '../state/owner-only.ts'

/**
 * Copies the database into `file`, which must not exist. The copy is made in one read transaction: it is consistent, and
 * does not block writers.
 * @throws StartFailure when there is no database
 */
export function backUpLocal(worker: WorkerConfig, stateDir: string, file: string): string {
  const path = localD1Path(stateDir, onlyDatabase(worker).id)
  if (!existsSync(path)) throw new StartFailure(`there is no database in ${stateDir}`)
  const partial = `${file}.partial`
  rmSync(partial, { force: true })
  copyInto(path, partial)
  renameSync(partial, file)
  copyKey(join(stateDir, ENCRYPTION_KEY), keyOf(file))
  return `${file}: a copy of ${stateDir}`
}

export interface LocalRestore {
  stateDir: string
  file: string
  /** Whether existing data may be replaced. */
  replace: boolean
}

/**
 * Replaces the database by `file`. The new one is written beside it and renamed, so that a killed restore leaves the old
 * one.
 * @throws StartFailure when a server runs on the data, when data exists and `replace` is false, or when `file` is not a
 * backup or one of a newer version
 */
export async function restoreLocal(worker: WorkerConfig, options: LocalRestore): Promise<string> {
  const { stateDir, file, replace } = options
  const { id, migrations } = onlyDatabase(worker)
  const path = localD1Path(stateDir, id)
  requireBackup(file, readdirSync(migrations))
  if (existsSync(path) && !replace) {
    throw new StartFailure(`${stateDir} has data; with --replace it goes for that of ${file}`)
  }
  const lock = await lockDirectory(stateDir, 'npm run restore')
  try {
    replaceDatabase(path, options)
  } finally {
    lock.release()
  }
  return `${stateDir}: as in ${file}; the next start applies what migrations it lacks`
}

function replaceDatabase(path: string, { stateDir, file }: LocalRestore): void {
  if (existsSync(path)) removeWriteAheadLog(path, stateDir)
  makePrivateDirectory(dirname(path))
  const partial = `${path}.partial`
  rmSync(partial, { force: true })
  copyInto(file, partial)
  renameSync(partial, path)
  copyKey(keyOf(file), join(stateDir, ENCRYPTION_KEY))
}

/** @throws StartFailure when there are several databases: a copy of one would lack the partitions in the others */
function onlyDatabase({ databases: [main, ...others] }: WorkerConfig): DatabaseConfig {
  if (others.length === 0) return main
  const bindings = [main, ...others].map(({ binding }) => binding)
  throw new StartFailure(`a backup holds one database, and wrangler.toml binds ${bindings.join(', ')}`)
}

/** The path of the key file beside a backup. */
const keyOf = (file: string) => `${file}.key`

/** Copies the key file if there is one: a server that gets ENCRYPTION_KEY from its environment has none. */
function copyKey(from: string, to: string): void {
  if (existsSync(from)) copyPrivately(from, to)
}

/** Copies a database into a file that does not exist, or is empty. */
function copyInto(from: string, to: string): void {
  makePrivateFile(to)
  const database = new DatabaseSync(from)
  try {
    database.exec('pragma busy_timeout = 5000')
    // VACUUM INTO copies within one read transaction: later commits are not in the copy.
    database.prepare('vacuum into ?').run(to)
  } finally {
    database.close()
  }
}

function requireBackup(file: string, known: readonly string[]): void {
  let applied: string[]
  try {
    const database = new DatabaseSync(file, { readOnly: true })
    try {
      const [check] = database.prepare('pragma quick_check').all()
      if (check?.['quick_check'] !== 'ok') throw new Error('it is damaged')
      applied = database
        .prepare('select name from d1_migrations')
        .all()
        .map((row) => String(row['name']))
    } finally {
      database.close()
    }
  } catch (error) {
    throw new StartFailure(`${file} is not a backup of identity-edge: ${messageOf(error)}`)
  }
  const newer = applied.filter((name) => !known.includes(name))
  if (newer.length > 0) throw new StartFailure(`${file} is of a newer version, which has ${newer.join(', ')}`)
}

/**
 * Merges the write-ahead log into the database file and removes it: left behind, SQLite would apply it to the restored
 * database. This needs SQLite's exclusive lock, which fails while a server has the database open: one of an earlier version does not
 * lock the directory.
 */
function removeWriteAheadLog(path: string, stateDir: string): void {
  const database = new DatabaseSync(path)
  try {
    database.exec('pragma journal_mode = delete')
  } catch {
    throw new StartFailure(`the server of ${stateDir} runs; stop it first`)
  } finally {
    database.close()
  }
}
