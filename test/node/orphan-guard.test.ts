// A child that was started with a guard does not outlive this process, whenever it is killed.
import { execFile } from 'node:child_process'
import { resolve } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { until } from './command.ts'

const run = promisify(execFile)

/** Starts a shell that runs `script` with a mark as its `$1`, guarded by a process of its own that runs `before` first. */
const starting = (script: string, mark: string, before: string) => `
  ${before}
  import { spawnGuarded } from ${JSON.stringify(resolve('src/node/runtime/orphan-guard.ts'))}
  spawnGuarded('KILL', '/bin/sh', ['-c', ${JSON.stringify(script)}, 'child', '${mark}'], { stdio: ['ignore', 'inherit', 'inherit'] })
`

const start = (script: string, mark: string, before = '') =>
  run(process.execPath, ['--input-type=module', '-e', starting(script, mark, before)])

async function isRunning(mark: string): Promise<boolean> {
  const { stdout } = await run('ps', ['-axo', 'command='])
  return stdout.split('\n').some((command) => command.includes(` child ${mark}`))
}

it('not even if the child itself is the one that kills, before its start has returned', async () => {
  for (let n = 0; n < 10; n++) {
    const mark = `orphan-${process.pid}-${n}`
    await expect(start('kill -9 $PPID; while :; do sleep 0.1; done', mark)).rejects.toMatchObject({ signal: 'SIGKILL' })
    await until('the child is gone', async () => !(await isRunning(mark)))
  }
})

it('a child that ends leaves nothing behind, and its process ends with it', async () => {
  const { stdout } = await start('echo it ran', 'ended')

  expect(stdout).toBe('it ran\n')
})

it('without a shell to guard it, a child ends with a process that exits', async () => {
  const withoutShell = `Object.defineProperty(process, 'platform', { value: 'win32' })
    setTimeout(() => process.exit(), 500)`
  await start('while :; do sleep 0.1; done', 'unguarded', withoutShell)
  await until('the child is gone', async () => !(await isRunning('unguarded')))
})
