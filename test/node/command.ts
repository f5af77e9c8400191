// Runs the repository's commands as a user does: as processes of their own, in a process group of their own, on a port
// and a state directory of their own. Whatever a test leaves running or lying about, `cleanUp` removes.
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'

const run = promisify(execFile)
const commands: Command[] = []
const directories: string[] = []
const servers: Server[] = []

export interface Place {
  PORT: string
  STATE_DIR: string
  /** Where a runtime that is killed leaves its scratch files. */
  TMPDIR: string
  CONTROL_TOKEN?: string
  D1_DEADLINE_MS?: string
  ENCRYPTION_KEY?: string
  ENCRYPTION_KEYS_OLD?: string
}

export interface Process {
  pid: number
  parent: number
  group: number
  command: string
}

export interface Command {
  /** The group of all its processes, but the supervisors, which have groups of their own. */
  group: number
  /** What came on stdout and stderr so far. */
  output(): string
  errors(): string
  exit: Promise<{ code: number | null; signal: NodeJS.Signals | null }>
}

export interface ReadyTenant extends Command {
  url: string
  token: string
  curl: string
}

/** An environment whose proxy does not answer, and which Node's own clients obey from 24 on. */
export const DEAD_PROXY = { NODE_USE_ENV_PROXY: '1', HTTP_PROXY: 'http://127.0.0.1:1', NO_PROXY: '', no_proxy: '' }

/** In an environment with `place` beside this process's own, and no CI unless `place` says so: in CI requests are logged. */
export function runCommand(
  place: Partial<Place> | Readonly<Record<string, string>>,
  file: string,
  ...args: string[]
): Command {
  const child = spawn(file, args, {
    detached: true,
    env: { ...process.env, CI: '', ...place },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const output = collect(child)
  const command = {
    group: child.pid ?? Number.NaN,
    output: () => output.all,
    errors: () => output.errors,
    exit: new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
      child.once('exit', (code, signal) => resolve({ code, signal }))
    }),
  }
  commands.push(command)
  return command
}

/** `npm start`, once it has said all it says when it is ready. */
export async function startTenant(place: Place): Promise<ReadyTenant> {
  const command = runCommand(place, 'npm', 'start', '--', '--print-token')
  await until('the tenant is ready', async () => /^curl .+\n/m.test(command.output())).catch((error) => {
    throw new Error(`${error}: ${command.output()}`)
  })
  const said = (pattern: RegExp) => pattern.exec(command.output())?.[1] ?? ''
  return {
    ...command,
    url: said(/^ready on (\S+)$/m),
    token: said(/^ {2}token {4}(\S+)$/m),
    curl: said(/^(curl .*)$/m),
  }
}

/** A token of the seeded administrator of the documented tenant. */
export async function fetchToken(url: string): Promise<string> {
  const response = await fetch(`${url}/identity_/connect/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: 'hogwarts-admin',
      client_secret: 'hogwarts-admin-secret',
    }),
  })
  const body = await response.text()
  const [, token] = /"access_token":"([^"]+)"/.exec(body) ?? []
  if (!response.ok || token === undefined) throw new Error(`no token: ${response.status} ${body}`)
  return token
}

export async function newPlace(): Promise<Place> {
  const directory = await mkdtemp(join(tmpdir(), 'tenant-'))
  directories.push(directory)
  const { server, port } = await occupyPort()
  await new Promise((resolve) => server.close(resolve))
  return { PORT: String(port), STATE_DIR: join(directory, 'state'), TMPDIR: directory }
}

export async function occupyPort(): Promise<{ server: Server; port: number }> {
  const server = createServer()
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return { server, port: typeof address === 'object' && address !== null ? address.port : 0 }
}

/** The processes of a command, and the supervisors of its children. */
export async function processesOf({ group }: Command): Promise<Process[]> {
  const all = await listProcesses()
  const own = all.filter((process) => process.group === group)
  const supervisors = all.filter(
    ({ parent, command }) => command.endsWith('supervisor KILL') && own.some(({ pid }) => pid === parent),
  )
  return [...own, ...supervisors]
}

/** All processes there are. One that has ended and waits to be reaped is none. */
async function listProcesses(): Promise<Process[]> {
  const { stdout } = await run('ps', ['-axo', 'pid=,ppid=,pgid=,stat=,command='])
  return Array.from(
    stdout.matchAll(/^\s*(\d+)\s+(\d+)\s+(\d+)\s+[^Z\s]\S*\s+(.*)$/gm),
    ([, pid, parent, group, command]) => ({
      pid: Number(pid),
      parent: Number(parent),
      group: Number(group),
      command: command ?? '',
    }),
  )
}

/** The process of a command whose command line contains `part`; not the shell that npm may run it in. */
export async function processOf(command: Command, part: string): Promise<number> {
  const candidates = (await processesOf(command)).filter((process) => process.command.includes(part))
  const found = candidates.find((process) => !process.command.startsWith('sh -c'))
  if (found === undefined) {
    throw new Error(`no process of the command runs ${part}`)
  }
  return found.pid
}

/** Waits until the given processes are gone and nobody listens on the port any more. */
export async function untilGone(processes: Process[], { PORT }: Place): Promise<void> {
  await until('all processes are gone', async () => {
    const running = await listProcesses()
    // Not by the command: that of a process that was just started changes a moment later.
    return !processes.some(({ pid, group }) => running.some((other) => other.pid === pid && other.group === group))
  })
  await fetch(`http://127.0.0.1:${PORT}/health`, { signal: AbortSignal.timeout(NEVER_MS) }).then(
    () => Promise.reject(new Error('the port still answers')),
    () => undefined,
  )
  // One that does not answer holds the port as well. The sockets of a killed process go with its last thread, not the first.
  await until('nobody listens on the port', () => isFree(Number(PORT)))
}

function isFree(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  return once(socket, 'connect')
    .then(
      () => false,
      () => true,
    )
    .finally(() => socket.destroy())
}

/** After this long, what is waited for is taken never to come. Not a measure: the slowest machine is faster. */
const NEVER_MS = 50_000

export async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + NEVER_MS
  while (!(await holds())) {
    if (Date.now() > end) {
      throw new Error(`never: ${what}`)
    }
    await sleep(20)
  }
}

export async function cleanUp(): Promise<void> {
  for (const command of commands.splice(0)) {
    for (const { pid } of await processesOf(command)) {
      kill(pid)
    }
  }
  for (const server of servers.splice(0)) {
    server.close()
  }
  for (const directory of directories.splice(0)) {
    await rm(directory, { recursive: true, force: true, maxRetries: 5 })
  }
}

function collect(child: ChildProcess): { all: string; errors: string } {
  const output = { all: '', errors: '' }
  child.stdout?.on('data', (chunk) => {
    output.all += chunk
  })
  child.stderr?.on('data', (chunk) => {
    output.all += chunk
    output.errors += chunk
  })
  return output
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It ended by itself in the meantime.
  }
}
