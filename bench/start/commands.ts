// The commands whose starts are measured, and the packages that they are run in.
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { projectRoot } from '../../src/node/config/config.ts'
import { spawnGuarded } from '../../src/node/runtime/orphan-guard.ts'
import { askOnce, freePort } from '../processes.ts'
import { tenant, UNSET } from '../tenants.ts'

const POLL_MS = 5
const WITHIN_MS = 30_000

const run = promisify(execFile)

/** A package whose script `start` and whose command `nothing` do nothing. */
export async function writeEmptyPackage(folder: string): Promise<string> {
  await writeFile(join(folder, 'package.json'), JSON.stringify({ private: true, scripts: { start: 'true' } }))
  const commands = join(folder, 'node_modules/.bin')
  await mkdir(commands, { recursive: true })
  await writeFile(join(commands, 'nothing'), '#!/bin/sh\n')
  await chmod(join(commands, 'nothing'), 0o755)
  return folder
}

/** Packs identity-edge and installs it in `folder`. */
export async function installPackage(folder: string): Promise<string> {
  console.error('packing identity-edge, and installing it')
  const options = { maxBuffer: 2 ** 26 }
  await run('npm', ['pack', '--pack-destination', folder], { ...options, cwd: projectRoot })
  await writeFile(join(folder, 'package.json'), JSON.stringify({ private: true }))
  const { version }: { version: string } = JSON.parse(await readFile(join(projectRoot, 'package.json'), 'utf8'))
  const tarball = join(folder, `identity-edge-${version}.tgz`)
  await run('npm', ['install', tarball, '--prefer-offline', '--no-audit', '--no-fund'], { ...options, cwd: folder })
  return folder
}

export interface Command {
  readonly file: string
  readonly args: readonly string[]
}

/** Milliseconds that a command takes to its end. */
export async function timeNothing(file: string, args: readonly string[], cwd: string): Promise<number> {
  const began = performance.now()
  const child = spawn(file, args, { cwd, stdio: 'ignore' })
  const [code] = await once(child, 'exit')
  if (code !== 0) throw new Error(`${file} ${args.join(' ')} ended with ${code}`)
  return performance.now() - began
}

/** Milliseconds that a command takes, which starts a server with its data in `place`, to the first right answer. */
export async function timeServer({ file, args }: Command, cwd: string, place: string): Promise<number> {
  const port = await freePort()
  const env = { ...process.env, ...UNSET, PORT: String(port), STATE_DIR: join(place, 'state') }
  const began = performance.now()
  const child = spawnGuarded('TERM', file, args, { cwd, env, stdio: ['ignore', 'ignore', 'inherit'] })
  try {
    await firstAnswer(`http://127.0.0.1:${port}`, child, began + WITHIN_MS)
    return performance.now() - began
  } finally {
    const exit = once(child, 'exit')
    child.kill('SIGTERM')
    await exit
    await untilFree(port)
  }
}

async function firstAnswer(origin: string, child: ChildProcess, deadline: number): Promise<void> {
  for (;;) {
    try {
      await askOnce(tenant, origin, 'GET Setting')
      return
    } catch (error) {
      if (child.exitCode !== null || performance.now() > deadline) throw error
      await sleep(POLL_MS)
    }
  }
}

/** npm is gone before the server that it has told to stop. */
async function untilFree(port: number): Promise<void> {
  const answers = () =>
    fetch(`http://127.0.0.1:${port}/health`).then(
      () => true,
      () => false,
    )
  while (await answers()) await sleep(POLL_MS)
}
