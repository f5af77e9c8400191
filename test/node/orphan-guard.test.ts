// A child that was started with a guard does not outlive this process, whenever it is killed.
import { execFile } from 'node:child_process'
import { resolve } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { until } from './command.ts'

const run = promisify(execFile)

/** Starts a shell that runs `script` with a mark as its `$1`, guarded by a process of its own. */
const starting = (script: string, mark: string) => `
  import { spawnGuarded } from ${JSON.stringify(resolve('src/node/runtime/orphan-guard.ts'))}
  spawnGuarded('/bin/sh', ['-c', ${JSON.stringify(script)}, 'child', '${mark}'], { stdio: ['ignore', 'inherit', 'inherit'] }, 'KILL')
`

const start = (script: string, mark: string) =>
  run(process.execPath, ['--input-type=module', '-e', starting(script, mark)])

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
