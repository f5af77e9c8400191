// Backup and restore of a local tenant: its database is one SQLite file, and the key of its secrets another beside it.
import { chmodSync, copyFileSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { DatabaseConfig, WorkerConfig } from '../config.ts'
import { ENCRYPTION_KEY } from '../encryption-key.ts'
import { messageOf } from '../error-details.ts'
import { localD1Path } from '../local-d1-path.ts'
import { HOST } from '../runtime.ts'
import { StartFailure } from '../start-failure.ts'

/**
 * Copies the database as it is at one moment into `file`, which must not exist. Whoever writes meanwhile goes on.
 * @throws StartFailure when there is no database
 */
export function backUpLocal(worker: WorkerConfig, stateDir: string, file: string): string {
  const path = localD1Path(stateDir, onlyDatabase(worker).id)
  if (!existsSync(path)) throw new StartFailure(`there is no tenant's data in ${stateDir}`)
  const partial = `${file}.partial`
  rmSync(partial, { force: true })
  copyInto(path, partial)
  renameSync(partial, file)
  copyKey(join(stateDir, ENCRYPTION_KEY), keyOf(file))
  return `${file}: a copy of ${stateDir}`
}

export interface LocalRestore {
  port: number
  stateDir: string
  file: string
  /** Whether data that is there may go. */
  replace: boolean
}

/**
 * Puts `file` in the place of the tenant's database. Killed at any moment, either the old one is there or the new one.
 * @throws StartFailure when the tenant runs, when its data would be lost, or when `file` is no backup of this version
 */
export async function restoreLocal(worker: WorkerConfig, options: LocalRestore): Promise<string> {
  const { port, stateDir, file, replace } = options
  const { id, migrations } = onlyDatabase(worker)
  const path = localD1Path(stateDir, id)
  requireBackup(file, readdirSync(migrations))
  if (existsSync(path)) {
    if (port !== 0 && (await answers(port))) throw running(stateDir)
    if (!replace) throw new StartFailure(`${stateDir} has data; with --replace it goes for that of ${file}`)
    settle(path, stateDir)
  }
  mkdirSync(dirname(path), { recursive: true })
  const partial = `${path}.partial`
  rmSync(partial, { force: true })
  copyInto(file, partial)
  renameSync(partial, path)
  copyKey(keyOf(file), join(stateDir, ENCRYPTION_KEY))
  return `${stateDir}: as in ${file}; the next start applies what migrations it lacks`
}

/** @throws StartFailure where there are several: a copy of one of them would lack the partitions of the others */
function onlyDatabase({ databases: [main, ...others] }: WorkerConfig): DatabaseConfig {
  if (others.length === 0) return main
  const bindings = [main, ...others].map(({ binding }) => binding)
  throw new StartFailure(`a backup holds one database, and wrangler.toml binds ${bindings.join(', ')}`)
}

/** Where the key stands beside a backup. */
const keyOf = (file: string) => `${file}.key`

/** A tenant that was given its key has none in a file. */
function copyKey(from: string, to: string): void {
  if (!existsSync(from)) return
  copyFileSync(from, to)
  chmodSync(to, 0o600)
}

function copyInto(from: string, to: string): void {
  const database = new DatabaseSync(from)
  try {
    database.exec('pragma busy_timeout = 5000')
    // One read transaction; what is committed during it is not in the copy.
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
    throw new StartFailure(`${file} is no backup of a tenant: ${messageOf(error)}`)
  }
  const newer = applied.filter((name) => !known.includes(name))
  if (newer.length > 0) throw new StartFailure(`${file} is of a newer version, which has ${newer.join(', ')}`)
}

/**
 * Takes the write-ahead log into the file and removes it, so that it is never played into the database that comes. That
 * takes the database for itself, which fails while a tenant has it open.
 */
function settle(path: string, stateDir: string): void {
  const database = new DatabaseSync(path)
  try {
    database.exec('pragma journal_mode = delete')
  } catch {
    throw running(stateDir)
  } finally {
    database.close()
  }
}

const running = (stateDir: string) => new StartFailure(`the tenant of ${stateDir} runs; stop it first`)

const answers = (port: number) =>
  new Promise<boolean>((resolve) => {
    const socket = connect({ host: HOST, port })
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })
