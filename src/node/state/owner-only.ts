// Files and directories that only their owner can read: what a server stores has hashes, settings and keys in it. Modes are
// given when a file is made, as one that is changed afterwards could be opened by others before.
import { chmodSync, closeSync, copyFileSync, mkdirSync, openSync, renameSync, rmSync } from 'node:fs'

const FILE = 0o600
const DIRECTORY = 0o700

/** Makes a directory with those above it, as far as they are missing. One that is there keeps its mode. */
export const makePrivateDirectory = (path: string) => mkdirSync(path, { recursive: true, mode: DIRECTORY })

/** Closes a directory of ours to others, which an earlier version may have made open to them; makes it if it is missing. */
export function closeDirectory(path: string): void {
  makePrivateDirectory(path)
  chmodSync(path, DIRECTORY)
}

/** Makes an empty file; of one that is there only the mode is changed. Whoever fills it keeps the mode. */
export function makePrivateFile(path: string): void {
  closeSync(openSync(path, 'a', FILE))
  chmodSync(path, FILE)
}

/** Copies a file. A process that is killed leaves no truncated copy under the name `to`. */
export function copyPrivately(from: string, to: string): void {
  const partial = `${to}.partial`
  rmSync(partial, { force: true })
  makePrivateFile(partial)
  copyFileSync(from, partial)
  renameSync(partial, to)
}
