// Notices that the `npm` this process was started by is gone. npm passes signals on only to the shell it runs a script
// in, and a killed npm passes on nothing: in both cases this process hears of it by its ancestors changing.
import { readFileSync } from 'node:fs'
import { basename } from 'node:path'

const INTERVAL_MS = 250

/** Calls `onGone` once when npm ran this process and npm is gone. Does not keep the process alive. */
export function watchParent(onGone: () => void): void {
  const script = process.env['npm_lifecycle_script']
  // Somebody else's npm, such as the one that runs the tests, is nothing to this process.
  if (!script?.includes(basename(process.argv[1] ?? ''))) {
    return
  }
  const parent = process.ppid
  const group = readStat(process.pid)?.group
  const timer = setInterval(() => {
    if (process.ppid !== parent || isAdopted(parent, group)) {
      clearInterval(timer)
      onGone()
    }
  }, INTERVAL_MS)
  timer.unref()
}

/**
 * npm shares its process group with all it runs, the system's adopter of orphans does not: that tells an npm that was
 * gone before this process first looked. npm runs a script as `sh -c <script>`, and where that shell does not become the
 * script (dash) it outlives a killed npm; then its own parent tells. Elsewhere than on Linux shells become the script.
 */
function isAdopted(parent: number, group: string | undefined): boolean {
  const stat = readStat(parent)
  if (stat === undefined) {
    return false
  }
  const [, flag] = readProc(parent, 'cmdline')?.split('\0') ?? []
  return stat.group !== group || (flag === '-c' && isAdopted(Number(stat.parent), group))
}

function readStat(pid: number): { parent: string; group: string } | undefined {
  // The command's name stands before these in parentheses, and may hold anything.
  const [, parent, group] = /^.*\) \S (\d+) (\d+)/s.exec(readProc(pid, 'stat') ?? '') ?? []
  return parent === undefined || group === undefined ? undefined : { parent, group }
}

/** Linux alone has these files. */
function readProc(pid: number, file: 'cmdline' | 'stat'): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8')
  } catch {
    return undefined
  }
}
