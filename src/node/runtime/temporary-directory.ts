// Directories that go with this process at the latest, unless it is killed.
import { rmSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const REMOVAL = { recursive: true, force: true } as const

const left = new Set<string>()

export async function makeTemporaryDirectory(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'identity-edge-'))
  if (left.size === 0) process.once('exit', removeAll)
  left.add(path)
  return path
}

/** Before the process ends. Harmless when it is gone already. */
export async function removeTemporaryDirectory(path: string): Promise<void> {
  await rm(path, REMOVAL)
  left.delete(path)
  if (left.size === 0) process.off('exit', removeAll)
}

function removeAll(): void {
  for (const path of left) rmSync(path, REMOVAL)
}
