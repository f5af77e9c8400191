// All processes of a run and the one directory they work in. When the run ends, in whatever way, neither is left.
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { spawnGuarded } from '../src/node/runtime/orphan-guard.ts'
import { outcomeOf } from '../src/node/runtime/outcome.ts'
import type { Contender } from './contender.ts'
import { ask, type Operation } from './operations.ts'

const KILL_AFTER_MS = 5000
const POLL_MS = 10

// Nobody reports usage or looks for updates.
const QUIET = { CI: 'true', DO_NOT_TRACK: '1', NO_UPDATE_NOTIFIER: '1', SCARF_ANALYTICS: 'false' }

export interface Running {
  contender: Contender
  /** `http://127.0.0.1:1234` */
  origin: string
  /** From the start of its process to its first right answer to the lookup of settings. */
  startedInMs: number
  stop(): Promise<void>
}

export interface StartOptions {
  /** Where it finds and keeps its data; a new place unless told. */
  directory?: string
  withinMs?: number
}

export class Processes implements AsyncDisposable {
  readonly #directory: string
  readonly #running = new Set<ChildProcess>()

  private constructor(directory: string) {
    this.#directory = directory
  }

  static async open(): Promise<Processes> {
    return new Processes(await mkdtemp(join(tmpdir(), 'identity-edge-bench-')))
  }

  newDirectory(): Promise<string> {
    return mkdtemp(join(this.#directory, 'place-'))
  }

  /**
   * Starts a contender and waits until it answers, all of its operations and as it has to.
   * @throws if it ends before, does not answer in time, or answers something else
   */
  async start(contender: Contender, { directory, withinMs = 30_000 }: StartOptions = {}): Promise<Running> {
    const place = directory ?? (await this.newDirectory())
    const port = await freePort()
    const origin = `http://127.0.0.1:${port}`
    const { args, env } = await contender.command(port, place)
    const began = performance.now()
    const child = this.#spawn(args, place, env)
    try {
      await firstAnswer(contender, origin, child, withinMs)
      const startedInMs = performance.now() - began
      await checkAnswers(contender, origin)
      return { contender, origin, startedInMs, stop: () => end(child) }
    } catch (error) {
      await end(child)
      const log = await readFile(join(place, 'log'), 'utf8')
      throw new Error(`${contender.name} did not start: ${said(error)}\n${log.slice(-1000)}`)
    }
  }

  /**
   * Runs a program to its end and returns what it wrote.
   * @throws if it fails, with what it wrote as `stdout`, or takes longer than `withinMs`
   */
  async run(file: string, args: string[], withinMs: number): Promise<string> {
    const child = spawnGuarded('TERM', file, args, { timeout: withinMs, stdio: ['ignore', 'pipe', 'pipe'] })
    this.#keep(child)
    const { code, stdout, stderr } = await outcomeOf(child)
    if (code !== 0) throw Object.assign(new Error(`${file} ended with ${code}: ${stderr}`), { stdout })
    return stdout
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(Array.from(this.#running, end))
    await rm(this.#directory, { recursive: true, force: true, maxRetries: 5 })
  }

  #spawn(args: string[], place: string, env: Record<string, string> = {}): ChildProcess {
    const log = openSync(join(place, 'log'), 'a')
    const child = spawnGuarded('TERM', process.execPath, args, {
      cwd: place,
      // What they write for themselves goes when the run ends.
      env: { ...process.env, ...QUIET, HOME: place, TMPDIR: this.#directory, ...env },
      stdio: ['ignore', 'ignore', log],
    })
    closeSync(log)
    this.#keep(child)
    return child
  }

  #keep(child: ChildProcess): void {
    this.#running.add(child)
    child.once('exit', () => this.#running.delete(child))
  }
}

async function firstAnswer(contender: Contender, origin: string, child: ChildProcess, withinMs: number): Promise<void> {
  const deadline = performance.now() + withinMs
  for (;;) {
    try {
      await askOnce(contender, origin, contender.calls['GET Setting'] ? 'GET Setting' : 'POST token')
      return
    } catch (error) {
      if (hasEnded(child)) {
        throw new Error(`it ended with ${child.exitCode ?? child.signalCode}`)
      }
      if (performance.now() > deadline) {
        throw error
      }
      await sleep(POLL_MS)
    }
  }
}

/** Writes first: what is read then is the same for everybody from the first round on. */
async function checkAnswers(contender: Contender, origin: string): Promise<void> {
  for (const operation of ['PUT Setting', 'PUT Group', 'GET Setting', 'GET Group', 'POST token'] as const) {
    await askOnce(contender, origin, operation)
  }
}

/** Nothing of an operation that it does not have. */
export async function askOnce({ calls }: Contender, origin: string, operation: Operation): Promise<void> {
  const call = await calls[operation]?.(origin)
  if (call !== undefined) {
    await ask(operation, call)
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (hasEnded(child) || child.pid === undefined) {
    return
  }
  const exit = once(child, 'exit')
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), KILL_AFTER_MS)
  await exit
  clearTimeout(timer)
}

const hasEnded = ({ exitCode, signalCode }: ChildProcess) => exitCode !== null || signalCode !== null

function said(error: unknown): string {
  const { message, cause } = error instanceof Error ? error : { message: String(error), cause: undefined }
  return cause instanceof Error ? `${message} (${cause.message})` : message
}

/** One that nobody listens on now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (typeof address !== 'object' || address === null) {
    throw new Error('no free port')
  }
  return address.port
}
