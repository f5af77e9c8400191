// Ends child processes when this process is killed. A Node that is killed outright (kill -9, out of memory) runs no exit
// hook: workerd would go on running and hold the port, and the next start would fail.
//
// Each child therefore gets a supervisor, a small shell that reads one line from a pipe to this process. When the child has
// ended, this process writes `done` and the supervisor exits. When this process ends first, in whatever way, the kernel
// closes its end of the pipe, the read ends without a line, and the supervisor kills the child. The supervisor has a
// process group of its own, so that a signal to this process's group (Ctrl-C) does not end it before its child.
import { type ChildProcess, spawn } from 'node:child_process'

const SUPERVISOR = 'read -r line; [ "$line" = done ] || kill -"$1" "$2"'

/**
 * Makes a started child receive `signal` when this process ends before it.
 * On Windows, which has no POSIX shell, nothing is done, and a killed process leaves its children running.
 */
export function guardChild(child: ChildProcess, signal: 'KILL' | 'TERM'): void {
  if (process.platform === 'win32' || child.pid === undefined) {
    return
  }
  const supervisor = spawn('/bin/sh', ['-c', SUPERVISOR, 'supervisor', signal, String(child.pid)], {
    cwd: '/',
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  supervisor.unref()
  // Where there is no shell, or the supervisor was killed, the child runs without one: an error event that nobody handles
  // would end this process.
  supervisor.on('error', () => {})
  supervisor.stdin.on('error', () => {})
  child.once('exit', () => supervisor.stdin.end('done\n'))
}
