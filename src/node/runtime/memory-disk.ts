// Linux's file system in memory, /dev/shm: what is gone with its process need not wait for a disk.
import { accessSync, constants, statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'

const SHARED_MEMORY = '/dev/shm'

/** What has to be free there: containers often have 64 MB, which a few large tenants fill. In bytes. */
const ENOUGH = 256 * 1024 * 1024

/** The `f_type` of tmpfs (Linux's magic.h). */
const TMPFS = 0x01021994

/** Where temporary directories are made, and why they are not in memory if they could be expected to. */
export interface TemporaryPlace {
  readonly path: string
  readonly unlike?: string
}

/** Memory where there is enough of it; otherwise, or if TMPDIR is set, the system's temporary directory. */
export function temporaryPlace(): TemporaryPlace {
  const path = tmpdir()
  if (process.platform !== 'linux' || process.env['TMPDIR'] || isInMemory(path)) return { path }
  const lack = lackOf(SHARED_MEMORY)
  return lack === undefined ? { path: SHARED_MEMORY } : { path, unlike: `${SHARED_MEMORY} ${lack}` }
}

/** All places in which temporary directories may have been left. */
export const temporaryPlaces = (): readonly string[] =>
  process.env['TMPDIR'] ? [tmpdir()] : [tmpdir(), ...(isInMemory(SHARED_MEMORY) ? [SHARED_MEMORY] : [])]

/** Whether what is written to a folder stays in memory. */
export function isInMemory(folder: string): boolean {
  try {
    return process.platform === 'linux' && statfsSync(folder).type === TMPFS
  } catch {
    return false
  }
}

function lackOf(folder: string): string | undefined {
  try {
    const { type, bavail, bsize } = statfsSync(folder)
    if (type !== TMPFS) return 'is not in memory'
    accessSync(folder, constants.W_OK)
    return bavail * bsize >= ENOUGH ? undefined : `has less than ${ENOUGH / 1024 / 1024} MB`
  } catch {
    return 'cannot be used'
  }
}
