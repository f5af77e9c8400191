// One process at a time uses a state directory: each of two servers would answer from its own cache, and miss what the other
// writes. The lock is one that the kernel drops with its process; a file with a process id would outlive a process that is killed.
import { createHash } from 'node:crypto'
import { closeSync, constants, ftruncateSync, openSync, readFileSync, realpathSync, writeSync } from 'node:fs'
import { connect, createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { codeOf } from '../error-details.ts'
import { StartFailure } from '../start-failure.ts'
import { explainFailure } from './explain-failure.ts'
import { makePrivateDirectory } from './owner-only.ts'

export interface DirectoryLock {
  /**
   * For a child process that uses the directory, to inherit: the directory then stays locked until both have ended. Undefined on
   * Windows, where a lock ends with this process.
   */
  readonly descriptor: number | undefined
  /** Tells who asks for the lock where this process serves. */
  serves(url: string): void
  release(): void
}

/** How long a process that does not say who it is may take to end: one that was killed leaves children that are ended next. */
const PATIENCE_MS = 3000
const RETRY_MS = 50
const ANSWER_TIMEOUT_MS = 500

/**
 * Makes `stateDir` if it is missing, and locks it for this process.
 *
 * @param holder the command that this process runs, for the message that a second process gets
 * @throws StartFailure if the directory cannot be made, or another process has it locked
 * @example
 * const lock = await lockDirectory(stateDir, 'npm run restore')
 */
export async function lockDirectory(stateDir: string, holder: string): Promise<DirectoryLock> {
  const path = realPathOf(stateDir)
  const holds = process.platform === 'darwin' ? holdFile : holdSocket
  const until = Date.now() + PATIENCE_MS
  for (;;) {
    const held = await holds(path, `${holder} (process ${process.pid})`)
    if (typeof held !== 'string') return held
    if (held !== '') throw new StartFailure(`${stateDir} is in use by ${held}; stop it first`)
    if (Date.now() > until) {
      throw new StartFailure(`${stateDir} is in use by a process that does not say which it is; stop it first`)
    }
    await sleep(RETRY_MS)
  }
}

function realPathOf(stateDir: string): string {
  try {
    makePrivateDirectory(stateDir)
    return realpathSync.native(stateDir)
  } catch (error) {
    throw new StartFailure(`the state directory cannot be made: ${explainFailure(stateDir, error)}`)
  }
}

/** The lock, or what its holder says of itself: nothing if it is about to end. */
type Held = DirectoryLock | string

/**
 * Listens on a socket in Linux's abstract namespace, or on a named pipe of Windows: only one process can have the name, and neither
 * leaves anything in a file system.
 */
async function holdSocket(path: string, holder: string): Promise<Held> {
  const name = `identity-edge-${createHash('sha256').update(path).digest('hex').slice(0, 32)}`
  const address = process.platform === 'win32' ? `\\\\.\\pipe\\${name}` : `\0${name}`
  let said = holder
  const server = createServer((socket) => socket.on('error', () => {}).end(said))
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen({ path: address, exclusive: true }, resolve)
    })
  } catch (error) {
    // Windows answers EACCES where another user's process has the name.
    if (codeOf(error) !== 'EADDRINUSE' && codeOf(error) !== 'EACCES') throw error
    return await ask(address)
  }
  server.unref()
  return {
    descriptor: descriptorOf(server),
    serves: (url) => {
      said = `${holder}, at ${url}`
    },
    release: () => server.close(),
  }
}

/** The descriptor of a listening socket; Node has no public name for it. */
function descriptorOf(server: Server): number | undefined {
  const handle: unknown = Reflect.get(server, '_handle')
  const isNumbered = typeof handle === 'object' && handle !== null && 'fd' in handle && typeof handle.fd === 'number'
  return isNumbered && process.platform !== 'win32' ? Number(handle.fd) : undefined
}

const ask = (address: string) =>
  new Promise<string>((resolve) => {
    let said = ''
    const socket = connect(address).setEncoding('utf8').setTimeout(ANSWER_TIMEOUT_MS)
    socket.on('data', (chunk: string) => {
      said += chunk
    })
    // After an error follows `close`.
    socket.on('error', () => {}).once('timeout', () => socket.destroy())
    socket.once('close', () => resolve(said))
  })

/** Flags of open(2) on macOS that Node does not name: the file is locked as it is opened, or the call fails at once. */
const [O_NONBLOCK, O_EXLOCK] = [0x4, 0x20]

/** Locks a file, on macOS: there a socket's file stays behind, but a file can be locked as it is opened. */
async function holdFile(path: string, holder: string): Promise<Held> {
  const file = join(path, 'lock')
  try {
    const descriptor = openSync(file, constants.O_RDWR | constants.O_CREAT | O_NONBLOCK | O_EXLOCK, 0o600)
    const say = (text: string) => {
      ftruncateSync(descriptor)
      writeSync(descriptor, text, 0)
    }
    say(holder)
    return { descriptor, serves: (url) => say(`${holder}, at ${url}`), release: () => closeSync(descriptor) }
  } catch (error) {
    if (codeOf(error) !== 'EAGAIN') throw error
    return readFileSync(file, 'utf8')
  }
}
