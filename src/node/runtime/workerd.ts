// Runs a workerd process with a given configuration: starts it, reads from it the port it listens on, and starts it again
// when it crashes.
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { Socket } from 'node:net'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { spawnGuarded } from './orphan-guard.ts'

export interface WorkerdOptions {
  /** The path of a Cap'n Proto configuration. */
  config: string
  /** The configuration's socket that listens on `port`. Port 0 takes any free one, and a restart takes that one again. */
  socket: string
  host: string
  port: number
  /** Environment variables of workerd, beside those of this process. */
  env: Record<string, string>
  /** More of them, for the first process alone and not for one that is started again. */
  firstEnv: Record<string, string>
  /** True lets this process end while workerd runs, and ends workerd with it. */
  unref: boolean
  /** Takes each line of workerd's standard output, which otherwise is this process's own. */
  onLine: ((line: string) => void) | undefined
  /** A descriptor that workerd inherits. */
  inherited: number | undefined
  onRestart: () => void
  /** Called when workerd crashed and could not be started again. */
  onDeath: (error: unknown) => void
}

/** workerd could not listen because the port is in use; the code is the one of Node's own such errors. */
class AddressInUse extends Error {
  readonly code = 'EADDRINUSE'
}

export class Workerd {
  readonly #options: WorkerdOptions
  #child: ChildProcess | undefined
  #port: number
  #stopping = false

  private constructor(options: WorkerdOptions) {
    this.#options = options
    this.#port = options.port
  }

  /** Resolves when workerd listens. */
  static async start(options: WorkerdOptions): Promise<Workerd> {
    const workerd = new Workerd(options)
    await workerd.#start(options.firstEnv)
    return workerd
  }

  get port(): number {
    return this.#port
  }

  /** Resolves when the process has ended. A second call does nothing. */
  async stop(): Promise<void> {
    this.#stopping = true
    const child = this.#child
    if (child === undefined || hasEnded(child)) return
    child.ref()
    const exit = once(child, 'exit')
    // SIGKILL loses nothing: every write that was answered is on the disk. A graceful end would wait for open connections.
    child.kill('SIGKILL')
    await exit
  }

  async #start(more: Record<string, string> = {}): Promise<void> {
    const { config, socket, host, env, unref, inherited = 'ignore', onLine } = this.#options
    const args = ['serve', config, '--experimental', `--socket-addr=${socket}=${host}:${this.#port}`, '--control-fd=3']
    const child = spawnGuarded('KILL', workerdPath(), args, {
      env: { ...process.env, ...env, ...more },
      stdio: ['ignore', onLine ? 'pipe' : 'inherit', 'pipe', 'pipe', inherited],
    })
    this.#child = child
    if (onLine && child.stdout) createInterface(child.stdout).on('line', onLine)
    this.#port = await listening(child, socket)
    if (unref) unrefChild(child)
    child.once('exit', () => this.#restart())
    // A child that ended before the listener was added emits no further `exit`.
    if (hasEnded(child)) this.#restart()
  }

  #restart(): void {
    if (this.#stopping) return
    this.#start().then(
      () => (this.#stopping ? this.stop() : this.#options.onRestart()),
      (error: unknown) => this.#stopping || this.#options.onDeath(error),
    )
  }
}

// What workerd writes to its standard error of what is no error: answers that a fault has dropped or cut off, as a test that armed it
// is not told of one; and that V8 flags are not those it was built with, for which it compiles scripts of its own anew.
const NO_ERRORS =
  /^.*(?:: Uncaught exception: .*Error: (?:dropped|cut off) on purpose|per-isolate bootstrap compile cache failed .*)\n/gm

/** Resolves with the port of `socket` when the child reports on its control pipe that it listens. */
async function listening(child: ChildProcess, socket: string): Promise<number> {
  let said = ''
  let listens = false
  child.stderr?.on('data', (chunk: Buffer) => {
    if (listens) process.stderr.write(String(chunk).replace(NO_ERRORS, ''))
    else said += chunk
  })
  const [, , , control] = child.stdio
  const port = await new Promise<number>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => reject(failure(said, code ?? signal)))
    createInterface(control as Readable).on('line', (line) => {
      const message: { event?: string; socket?: string; port?: number } = JSON.parse(line)
      if (message.event === 'listen' && message.socket === socket) resolve(message.port ?? 0)
    })
  })
  listens = true
  process.stderr.write(said.replace(NO_ERRORS, ''))
  return port
}

function failure(said: string, end: number | string | null): Error {
  const message = `workerd ended with ${end}: ${said.trim()}`
  return /address already in use/i.test(said) ? new AddressInUse(message) : new Error(message)
}

/** Lets this process end while the child runs, which its guard then ends. */
function unrefChild(child: ChildProcess): void {
  child.unref()
  for (const stream of child.stdio) {
    if (stream instanceof Socket) stream.unref()
  }
}

const hasEnded = ({ exitCode, signalCode }: ChildProcess) => exitCode !== null || signalCode !== null

function workerdPath(): string {
  const { default: path }: { default: string } = createRequire(import.meta.url)('workerd')
  return path
}
