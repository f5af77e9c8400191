// Why a state directory cannot be used, in a line: SQLite says `disk I/O error` where the disk is full.
import { accessSync, constants, existsSync, statfsSync } from 'node:fs'
import { dirname } from 'node:path'
import { messageOf } from '../error-details.ts'
import { StartFailure } from '../start-failure.ts'

/** Less room than this is none: a database of its own begins with more. In bytes. */
const ROOM = 256 * 1024

/** The reason for `error`, which came up in the use of `directory`; its own message where nothing more is known. */
export function explainFailure(directory: string, error: unknown): string {
  const there = nearest(directory)
  try {
    accessSync(there, constants.W_OK)
  } catch (denied) {
    return `${there} cannot be written (${messageOf(denied)})`
  }
  const { bavail, bsize } = statfsSync(there)
  if (bavail * bsize < ROOM) return `there is no room left on the disk of ${there} (${messageOf(error)})`
  const isCorrupt = /not a database|malformed/.test(messageOf(error))
  return isCorrupt
    ? `the file is damaged (${messageOf(error)}); npm run restore puts a backup in its place`
    : messageOf(error)
}

/**
 * Does what a start has to do with the data in `directory`.
 * @throws StartFailure with the reason, when `act` fails
 */
export async function orExplain<Result>(directory: string, act: () => Promise<Result>): Promise<Result> {
  try {
    return await act()
  } catch (error) {
    throw new StartFailure(`the database could not be made ready: ${explainFailure(directory, error)}`)
  }
}

/** The directory, or the one above it that is there. */
const nearest = (path: string): string => (existsSync(path) || dirname(path) === path ? path : nearest(dirname(path)))
