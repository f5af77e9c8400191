// Temporary directories, removed when this process exits if nobody removed them before. One that is killed leaves them: the next
// process that makes one removes those of processes that are no more.
import { createHash } from 'node:crypto'
import { lstatSync, readdirSync, rmSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { codeOf } from '../error-details.ts'
import { temporaryPlace, temporaryPlaces } from './memory-disk.ts'

const REMOVAL = { recursive: true, force: true } as const

const temporaryDirectories = new Set<string>()
let isSwept = false

/** Begins the names of this machine's directories. A container has a host name and processes of its own. */
const prefix = () => `identity-edge-${createHash('sha256').update(hostname()).digest('hex').slice(0, 8)}-`

/** A new empty directory, in memory where there is room ({@link temporaryPlace}), which its owner alone can read. */
export async function makeTemporaryDirectory(): Promise<string> {
  if (!isSwept) for (const place of temporaryPlaces()) removeLeftBehind(place)
  isSwept = true
  const path = await mkdtemp(join(temporaryPlace().path, `${prefix()}${process.pid}-`))
  if (temporaryDirectories.size === 0) process.once('exit', removeAll)
  temporaryDirectories.add(path)
  return path
}

/** Removes a directory of `makeTemporaryDirectory` before the process exits. Does nothing when it is removed already. */
export async function removeTemporaryDirectory(path: string): Promise<void> {
  await rm(path, REMOVAL)
  temporaryDirectories.delete(path)
  if (temporaryDirectories.size === 0) process.off('exit', removeAll)
}

function removeAll(): void {
  for (const path of temporaryDirectories) rmSync(path, REMOVAL)
}

/** Removes the directories of this user's processes that ended without removing them. One that cannot be removed stays. */
function removeLeftBehind(place: string): void {
  const own = prefix()
  try {
    for (const name of readdirSync(place)) {
      const [, pid] = (name.startsWith(own) && /^(\d+)-\w+$/.exec(name.slice(own.length))) || []
      const path = join(place, name)
      if (pid !== undefined && !isAlive(Number(pid)) && isOurs(path)) rmSync(path, REMOVAL)
    }
  } catch {
    // A start does not fail because of what an earlier one left.
  }
}

/** Whether there is a process of that id, of whichever user. */
function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return codeOf(error) !== 'ESRCH'
  }
}

function isOurs(path: string): boolean {
  const found = lstatSync(path)
  return found.isDirectory() && (process.getuid === undefined || found.uid === process.getuid())
}
