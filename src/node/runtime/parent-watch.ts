// Detects that the `npm` which started this process has ended. npm forwards signals only to the shell it runs a script in,
// and a killed npm forwards none: without this check the server would go on running after its npm. What does change in both
// cases is this process's ancestors, which are polled.
import { readFileSync } from 'node:fs'
import { basename } from 'node:path'

const INTERVAL_MS = 250

/**
 * Calls `onGone` once, when this process is an npm script and its npm has ended. The timer does not keep the process alive.
 */
export function watchParent(onGone: () => void): void {
  const script = process.env['npm_lifecycle_script']
  // The variable is inherited: an npm further up, such as the one that runs the tests, did not start this process.
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
 * Whether the parent is the process that adopts orphans (init, or a subreaper) and not npm's. It compares process groups:
 * npm and all it runs share one, and the adopter has another. This also finds an npm that had ended before the first poll.
 *
 * npm runs a script as `sh -c <script>`. A shell that does not replace itself by the script (dash) stays this process's
 * parent when npm is killed; then the shell's own parent is compared. On other systems than Linux, without /proc, shells do
 * replace themselves.
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
  // The second field, the command in parentheses, may itself contain spaces and parentheses: fields count from the last
  // `)`.
  const [, parent, group] = /^.*\) \S (\d+) (\d+)/s.exec(readProc(pid, 'stat') ?? '') ?? []
  return parent === undefined || group === undefined ? undefined : { parent, group }
}

/** Undefined on systems without /proc (all but Linux), and when the process has ended. */
function readProc(pid: number, file: 'cmdline' | 'stat'): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8')
  } catch {
    return undefined
  }
}
