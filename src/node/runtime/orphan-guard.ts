// Ends child processes when this process is killed. A Node that is killed outright (kill -9, out of memory) runs no exit
// hook: workerd would go on running and hold the port, and the next start would fail.
//
// Each child therefore has a supervisor, a small shell that reads from a pipe: the child's id, then a line. When the child has
// ended, this process writes `done` and the supervisor exits. When this process ends first, in whatever way, the kernel
// closes its end of the pipe, the read ends without a line, and the supervisor kills the child. The supervisor has a
// process group of its own, so that a signal to this process's group (Ctrl-C) does not end it before its child.
//
// The supervisor is there before the child. The child starts as a shell, which writes its own id into the pipe and then executes the
// program in its place: were this process to write the id, and be killed before it did, nobody would end the child.
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import type { Stream } from 'node:stream'

const SHELL = '/bin/sh'
const SUPERVISOR = 'read -r pid; read -r line; [ -z "$pid" ] || [ "$line" = done ] || kill -"$1" "$pid"'

interface GuardedOptions extends SpawnOptions {
  /** Three to nine, all of them the child's own: not every shell reads descriptors of two digits. */
  stdio: (number | Stream | 'ignore' | 'inherit' | 'pipe')[]
}

/**
 * As `spawn` of node:child_process, for a child that receives `signal` when this process ends before it.
 * Without a POSIX shell, as on Windows, a process that is killed leaves its children running; one that exits ends them.
 */
export function spawnGuarded(
  signal: 'KILL' | 'TERM',
  file: string,
  args: readonly string[],
  options: GuardedOptions,
): ChildProcess {
  const stdin = process.platform !== 'win32' && existsSync(SHELL) ? superviseBy(signal) : undefined
  const child = stdin ? spawnSaying(stdin, file, args, options) : spawn(file, args, options)
  // One that could not be started has no end either.
  if (child.pid === undefined) return child
  if (running.size === 0) process.on('exit', endAll)
  running.set(child, `SIG${signal}`)
  child.once('exit', () => {
    stdin?.end('done\n')
    running.delete(child)
    if (running.size === 0) process.off('exit', endAll)
  })
  return child
}

/** What a process that exits ends at once, also where there is no supervisor. */
const running = new Map<ChildProcess, NodeJS.Signals>()

function endAll(): void {
  for (const [child, signal] of running) child.kill(signal)
}

/** Starts a child that first writes its id to `stdin`. */
function spawnSaying(stdin: Stream, file: string, args: readonly string[], options: GuardedOptions): ChildProcess {
  const descriptor = options.stdio.length
  const becoming = `echo $$ >&${descriptor}; exec "$0" "$@" ${descriptor}>&-`
  return spawn(SHELL, ['-c', becoming, file, ...args], { ...options, stdio: [...options.stdio, stdin] })
}

/** Starts a supervisor. Returns what it reads from; nothing where it could not be started. */
function superviseBy(signal: string) {
  const supervisor = spawn(SHELL, ['-c', SUPERVISOR, 'supervisor', signal], {
    cwd: '/',
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  supervisor.unref()
  // Where it could not be started, or was killed: an error event that nobody handles would end this process.
  supervisor.on('error', () => {})
  supervisor.stdin.on('error', () => {})
  return supervisor.pid === undefined ? undefined : supervisor.stdin
}
