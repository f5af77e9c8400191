// Starts and stops a local server: the Worker in workerd, on a migrated and seeded database. It reads no command line,
// handles no signal and ends no process: the library runs it inside somebody else's test process.
import { randomBytes } from 'node:crypto'
import { createServer } from 'node:net'
import { listed } from '../../http/listed.ts'
import { codeOf } from '../error-details.ts'
import { StartFailure } from '../start-failure.ts'
import { type DirectoryLock, lockDirectory } from '../state/directory-lock.ts'
import { explainFailure } from '../state/explain-failure.ts'
import { HOST, originAt } from './address.ts'
import { localCertificate } from './certificate.ts'
import { finishStart, generateSigningKey, needsKey } from './finish-start.ts'
import { openRuntime, type RuntimeOptions } from './runtime.ts'
import { makeTemporaryDirectory, removeTemporaryDirectory } from './temporary-directory.ts'
import type { Workerd } from './workerd.ts'
import type { RuntimeConfig } from './workerd-config.ts'

/** Where the Worker's code and its database come from: the repository's sources (`repository`), or dist/ (`packed`). */
export interface ServerSource {
  config(): RuntimeConfig
  /** The Worker's JavaScript, bundled into one ES module. */
  script(): Promise<string>
  /**
   * The key that secrets in `stateDir` are encrypted under: `given`, or, without one, the key file of the directory, which is made if
   * it is missing.
   * @throws StartFailure when the directory cannot be written
   */
  encryptionKey(stateDir: string, given: string | undefined): Promise<string>
  /**
   * Does what needs a workerd of its own, before the server's is started: each opens the same file of its Durable Objects when it
   * starts, and of two at the same time one finds it locked and ends.
   * @throws StartFailure when a migration fails
   */
  migrateFormer?(stateDir: string): Promise<void>
  /**
   * Migrates the databases in `stateDir`, while workerd starts. The Worker seeds them.
   * @throws StartFailure when the directory cannot be written, or a migration fails
   */
  migrate(stateDir: string): Promise<void>
}

export interface ServerOptions extends Omit<RuntimeOptions, 'script'> {
  /** The TCP port. 0, the default, takes any free one. */
  port?: number
  /** Aborts a start that is under way: `openServer` then rejects with the signal's reason, and no process stays behind. */
  signal?: AbortSignal
}

export interface Server {
  /** Its origin, without a slash at the end: `http://127.0.0.1:8787`. */
  url: string
  /** Over https, the file (PEM) of the certificate that its clients have to trust. */
  certificate: string | undefined
  /** Resolves when workerd has ended and the port is free. A second call does nothing. */
  stop(): Promise<void>
}

/**
 * Starts a server on a migrated and seeded database; it accepts connections when this resolves.
 * @throws StartFailure when the port is taken, or the state directory cannot be used, as when another process uses it
 */
export async function openServer(
  source: ServerSource,
  { signal, port = 0, ...options }: ServerOptions = {},
): Promise<Server> {
  const { host = HOST } = options
  if (port !== 0 || host !== HOST) await requireFreePort(host, port)
  const place = options.stateDir === undefined ? await temporaryPlace() : await lockedPlace(options.stateDir)
  const { stateDir, lock } = place
  try {
    const ENCRYPTION_KEY = await source.encryptionKey(stateDir, options.variables?.['ENCRYPTION_KEY'])
    const variables = { ...options.variables, ENCRYPTION_KEY }
    const hosts = listed(options.variables?.['ALLOWED_HOSTS'] ?? '').filter(Boolean)
    const certificate = options.https ? localCertificate(stateDir, hosts) : undefined
    const startToken = randomBytes(24).toString('base64url')
    const inherited = lock?.descriptor
    const config = source.config()
    const signingKey = needsKey(config, stateDir, variables) ? generateSigningKey() : undefined
    const script = await source.script()
    await source.migrateFormer?.(stateDir)
    const start = openRuntime(config, { ...options, variables, stateDir, port, script, inherited, startToken })
    const runtime = await both(start, source.migrate(stateDir))
    const url = originAt(host, runtime.port, options.https)
    try {
      await finishStart({ url, certificate }, { stateDir, startToken, signingKey: await signingKey })
      signal?.throwIfAborted()
    } catch (error) {
      await runtime.stop()
      throw error
    }
    lock?.serves(url)
    const stop = () => runtime.stop().then(place.leave)
    return { url, certificate, stop }
  } catch (error) {
    await place.leave()
    if (isAddressInUse(error)) throw portTaken(host, port)
    throw isOfDisk(error)
      ? new StartFailure(`no server can run in ${stateDir}: ${explainFailure(stateDir, error)}`)
      : error
  }
}

/**
 * The runtime, once the databases are migrated as well. workerd starts meanwhile, which takes as long.
 */
async function both(start: Promise<Workerd>, migration: Promise<void>): Promise<Workerd> {
  const [started, migrated] = await Promise.allSettled([start, migration])
  if (started.status === 'rejected') throw migrated.status === 'rejected' ? migrated.reason : started.reason
  if (migrated.status === 'fulfilled') return started.value
  await started.value.stop()
  throw migrated.reason
}

const isOfDisk = (error: unknown) => ['ENOSPC', 'EDQUOT', 'EROFS', 'EACCES', 'EPERM'].includes(String(codeOf(error)))

/** Where a server's data is. */
interface Place {
  readonly stateDir: string
  /** None for a temporary directory, which nobody else knows. */
  readonly lock?: DirectoryLock
  /** Gives the place up; a second call does nothing. */
  leave(): Promise<void>
}

async function temporaryPlace(): Promise<Place> {
  const stateDir = await makeTemporaryDirectory()
  return { stateDir, leave: () => removeTemporaryDirectory(stateDir) }
}

async function lockedPlace(stateDir: string): Promise<Place> {
  const lock = await lockDirectory(stateDir, 'a server')
  return { stateDir, lock, leave: async () => lock.release() }
}

/**
 * Tries the port before the state directory is touched: a start that fails because a server runs on that port must not have
 * migrated the database which that server has open.
 */
async function requireFreePort(host: string, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const probe = createServer()
    probe.once('error', (error) => {
      const unusable = new StartFailure(`port ${port} on ${host} cannot be used: ${error.message}`)
      reject(isAddressInUse(error) ? portTaken(host, port) : unusable)
    })
    probe.listen({ host, port, exclusive: true }, () => probe.close(() => resolve()))
  })
}

function isAddressInUse(error: unknown): boolean {
  const code = codeOf(error)
  return code === 'EADDRINUSE' || code === 'ERR_ADDRESS_IN_USE'
}

function portTaken(host: string, port: number): StartFailure {
  return new StartFailure(`port ${port} on ${host} is taken; choose another by PORT, --port or the option port`)
}
