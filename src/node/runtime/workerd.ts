// Runs workerd: starts it, learns where it listens, starts it again when it dies. Knows nothing of what it runs.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { Socket } from 'node:net'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { guardChild } from './orphan-guard.ts'

export interface WorkerdOptions {
  config: string
  /** The socket of the configuration that is put on `port`; 0 takes any free one and keeps it. */
  socket: string
  host: string
  port: number
  /** Beside this process's own environment. */
  env: Record<string, string>
  /** Whether this process may end while workerd runs, taking it along. */
  unref: boolean
  onRestart: () => void
  /** It died and could not be started again. */
  onDeath: (error: unknown) => void
}

/** That the port is another's. */
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

  /** Resolves when it listens. */
  static async start(options: WorkerdOptions): Promise<Workerd> {
    const workerd = new Workerd(options)
    await workerd.#start()
    return workerd
  }

  get port(): number {
    return this.#port
  }

  /** Resolves when the process is gone. Calling again is harmless. */
  async stop(): Promise<void> {
    this.#stopping = true
    const child = this.#child
    if (child === undefined || hasEnded(child)) return
    child.ref()
    const exit = once(child, 'exit')
    // What it has acknowledged is on the disk.
    child.kill('SIGKILL')
    await exit
  }

  async #start(): Promise<void> {
    const { config, socket, host, env, unref } = this.#options
    const args = ['serve', config, '--experimental', `--socket-addr=${socket}=${host}:${this.#port}`, '--control-fd=3']
    const child = spawn(workerdPath(), args, {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'inherit', 'pipe', 'pipe'],
    })
    this.#child = child
    child.once('spawn', () => guardChild(child, 'KILL'))
    this.#port = await listening(child, socket)
    if (unref) letGo(child)
    child.once('exit', () => this.#restart())
    // It may have died between the two.
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

/** The port of `socket`, once the child says it listens there. */
async function listening(child: ChildProcess, socket: string): Promise<number> {
  let said = ''
  let listens = false
  child.stderr?.on('data', (chunk: Buffer) => {
    if (listens) process.stderr.write(chunk)
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
  process.stderr.write(said)
  return port
}

function failure(said: string, end: number | string | null): Error {
  const message = `workerd ended with ${end}: ${said.trim()}`
  return /address already in use/i.test(said) ? new AddressInUse(message) : new Error(message)
}

/** What is left of it holds this process no longer. On Windows no watchman stands by when this process ends. */
function letGo(child: ChildProcess): void {
  child.unref()
  for (const stream of child.stdio) {
    if (stream instanceof Socket) stream.unref()
  }
  if (process.platform === 'win32') {
    const end = () => child.kill()
    process.once('exit', end)
    child.once('exit', () => process.off('exit', end))
  }
}

const hasEnded = ({ exitCode, signalCode }: ChildProcess) => exitCode !== null || signalCode !== null

function workerdPath(): string {
  const { default: path }: { default: string } = createRequire(import.meta.url)('workerd')
  return path
}
