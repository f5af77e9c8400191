// Temporary directories, removed when this process exits if nobody removed them before. One that is killed leaves them.
import { rmSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const REMOVAL = { recursive: true, force: true } as const

const temporaryDirectories = new Set<string>()

/** A new empty directory under the system's temporary directory. */
export async function makeTemporaryDirectory(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'identity-edge-'))
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
