// Keeps a killed process from leaving its children behind. A Node that is killed outright (kill -9, out of memory) runs
// no exit hook: workerd would live on, hold the port, and make the next
// start fail.
//
// So each such child gets a watchman, a small shell that reads one line from us. While we live the line does not come.
// When the child has ended we send `done` and the watchman goes home. When we die, in whatever way, the kernel closes our
// end of the pipe, the read ends without a line, and the watchman kills the child. It sits in a process group of its own,
// so what kills our group does not take it along.
import { type ChildProcess, spawn } from 'node:child_process'

const WATCHMAN = 'read -r line; [ "$line" = done ] || kill -"$1" "$2"'

/**
 * Sends `signal` to a child that has been started, should this process die before it.
 * Windows has no POSIX shell: there a killed process still leaves its children.
 */
export function guardChild(child: ChildProcess, signal: 'KILL' | 'TERM'): void {
  if (process.platform === 'win32' || child.pid === undefined) {
    return
  }
  const watchman = spawn('/bin/sh', ['-c', WATCHMAN, 'watchman', signal, String(child.pid)], {
    cwd: '/',
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  watchman.unref()
  // Without a shell, or when the watchman itself was killed, the child runs unguarded rather than not at all.
  watchman.on('error', () => {})
  watchman.stdin.on('error', () => {})
  child.once('exit', () => watchman.stdin.end('done\n'))
}
