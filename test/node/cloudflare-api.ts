// Cloudflare's REST API on 127.0.0.1, as far as a deployment makes wrangler call it: paths, answers and error codes as
// wrangler 4.156.2 uses them (wrangler-dist/cli.js). Databases are SQLite files, and a Worker that is uploaded runs, on
// workerd, with the secrets and databases it was uploaded with.
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { ApiError } from './api-error.ts'
import { AssetsStore } from './assets-store.ts'
import { D1Service } from './d1-service.ts'
import { departureOf } from './published-requests.ts'
import { type DeployedWorker, type Upload, WorkersPlatform } from './workers-platform.ts'

const ACCOUNT = 'a'.repeat(32)
const TOKEN = 'token-of-the-stand-in'
/** Where the deployed Workers are said to be. */
const DOMAIN = 'stand-in.workers.dev'

/**
 * How a call fails: with an error of the API; `cut`, before it takes effect; or `lost`, when it has taken effect and the
 * answer does not arrive.
 */
export type Failure = { status: number; code: number; message: string } | 'cut' | 'lost'

interface Call {
  /** What the pattern of the path has caught. */
  names: string[]
  query: URLSearchParams
  body: Buffer
  contentType: string
  /** The bearer token. */
  token: string
}

type Handler = (call: Call) => unknown

export class CloudflareApi {
  readonly d1: D1Service
  /** Path of all calls, in order. */
  readonly addressed: string[] = []
  readonly accounts = [{ id: ACCOUNT, name: 'Stand-in' }]
  /** Method and path of all calls that were not reads, in order. */
  readonly changes: string[] = []
  /** The calls it has no answer to, and those that depart from Cloudflare's schema. */
  readonly unknown: string[] = []
  /** Method and path of all calls, in order; `:` stands for names of databases, Workers and versions. */
  readonly calls: string[] = []
  /** The failure of the calls it is asked about, by method, path and body. */
  failing: (call: string, body: string) => Failure | undefined = () => undefined
  readonly #server: Server
  readonly #state: string
  readonly #assets = new AssetsStore()
  readonly #platform: WorkersPlatform

  private constructor(state: string) {
    this.#state = state
    this.d1 = new D1Service(state)
    this.#platform = new WorkersPlatform(state, this.#assets)
    this.#server = createServer((request, response) => this.#serve(request, response))
  }

  static async start(): Promise<CloudflareApi> {
    const api = new CloudflareApi(await mkdtemp(join(tmpdir(), 'cloudflare-')))
    await new Promise<void>((resolve) => api.#server.listen(0, '127.0.0.1', resolve))
    return api
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
    await this.#platform.stop()
    await rm(this.#state, { recursive: true, force: true })
  }

  get workers(): ReadonlyMap<string, DeployedWorker> {
    return this.#platform.workers
  }

  /** What a deployed Worker answers to a GET. */
  readonly get = (worker: string, path: string) =>
    this.#platform.ask(worker, path, { method: 'GET', headers: {}, body: Buffer.alloc(0) })

  get #url(): string {
    const address = this.#server.address()
    if (typeof address !== 'object' || address === null) throw new Error('the stand-in is not started')
    return `http://127.0.0.1:${address.port}`
  }

  /** For a process that is to find this account, and the Workers of it at their addresses, and nothing else. */
  get env(): Record<string, string> {
    const redirect = `const real = fetch
      globalThis.fetch = (input, init) => {
        const { hostname, pathname, search } = new URL(input)
        const deployed = hostname.endsWith('.${DOMAIN}')
        return real(deployed ? '${this.#url}/deployed/' + hostname.split('.')[0] + pathname + search : input, init)
      }`
    return {
      CLOUDFLARE_API_BASE_URL: this.#url,
      CLOUDFLARE_API_TOKEN: TOKEN,
      CLOUDFLARE_ACCOUNT_ID: ACCOUNT,
      WRANGLER_SEND_METRICS: 'false',
      NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(redirect)}`,
    }
  }

  /** For this process: reaches the deployed Workers at their addresses. */
  readonly fetch: typeof fetch = (input, init) => {
    const { hostname, pathname, search } = new URL(String(input))
    return fetch(`${this.#url}/deployed/${hostname.split('.')[0]}${pathname}${search}`, init)
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = 'GET', url = '/' } = request
    const { pathname, search, searchParams } = new URL(url, this.#url)
    const body = await buffer(request).catch(() => undefined)
    // A caller that ended while it sent.
    if (body === undefined) return
    const deployed = /^\/deployed\/([^/]+)(\/.*)$/.exec(pathname)
    if (deployed) {
      const [, name = '', path = ''] = deployed
      const { status, text } = await this.#platform.ask(name, path + search, { method, headers: request.headers, body })
      response.writeHead(status, { 'content-type': 'application/json' }).end(text)
      return
    }
    const call = `${method} ${pathname.replace(ACCOUNTS, '').replaceAll(NAMES, '$1/:')}`
    this.calls.push(call)
    this.addressed.push(pathname)
    const departure = departureOf(call, body.toString())
    if (departure) this.unknown.push(departure)
    const failure = this.failing(call, body.toString())
    if (failure === 'cut') return void request.socket.destroy()
    if (failure !== undefined && failure !== 'lost') {
      const errors = [{ code: failure.code, message: failure.message }]
      response.writeHead(failure.status, { 'content-type': 'application/json' })
      return void response.end(JSON.stringify({ success: false, errors, messages: [], result: null }))
    }
    const { status, answer } = await this.#answer(method, pathname, {
      names: [],
      query: searchParams,
      body,
      contentType: String(request.headers['content-type']),
      token: String(request.headers.authorization).replace(/^Bearer /, ''),
    })
    if (failure === 'lost') return void request.socket.destroy()
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer))
  }

  async #answer(method: string, path: string, call: Call): Promise<{ status: number; answer: unknown }> {
    try {
      for (const [verb, pattern, handler] of this.#routes) {
        const match = verb === method ? pattern.exec(path) : null
        if (!match) continue
        if (method !== 'GET' && !path.endsWith('/query')) this.changes.push(`${method} ${path.replace(ACCOUNTS, '')}`)
        const result = await handler({ ...call, names: match.slice(1) })
        return { status: 200, answer: { success: true, errors: [], messages: [], result } }
      }
      this.unknown.push(`${method} ${path}`)
      throw new ApiError(404, 7003, `Could not route to ${path}`)
    } catch (error) {
      const { status, code, message } = error instanceof ApiError ? error : new ApiError(500, 1, String(error))
      return { status, answer: { success: false, errors: [{ code, message }], messages: [], result: null } }
    }
  }

  readonly #worker = (name = ''): DeployedWorker => {
    const worker = this.workers.get(name)
    if (!worker) throw new ApiError(404, 10007, 'This Worker does not exist on your account.')
    return worker
  }

  readonly #routes: readonly (readonly [string, RegExp, Handler])[] = [
    ['GET', /^\/user$/, () => ({ email: 'somebody@example.com' })],
    ['GET', /^\/user\/tokens\/verify$/, () => ({ status: 'active' })],
    ['GET', /^\/accounts$/, () => this.accounts],
    ['GET', /^\/memberships$/, () => this.accounts.map((account) => ({ account }))],
    ['POST', at('d1/database'), ({ body }) => this.d1.create(JSON.parse(body.toString()))],
    ['GET', at('d1/database/:'), ({ names: [id] }) => this.d1.find(id)],
    [
      'PUT',
      at('d1/database/:'),
      ({ names: [id], body }) => Object.assign(this.d1.find(id), JSON.parse(body.toString())),
    ],
    ['DELETE', at('d1/database/:'), ({ names: [id] }) => this.d1.remove(id)],
    ['GET', at('d1/database/:/time_travel/bookmark'), ({ names: [id] }) => ({ bookmark: this.d1.find(id).uuid })],
    [
      'POST',
      at('d1/database/:/time_travel/restore'),
      ({ names: [id], query }) => ({ bookmark: query.get('bookmark'), previous_bookmark: this.d1.find(id).uuid }),
    ],
    ['POST', at('d1/database/:/query'), ({ names: [id], body }) => this.d1.query(id, JSON.parse(body.toString()))],
    ['GET', at('workers/subdomain'), () => ({ subdomain: DOMAIN.split('.')[0] })],
    ['GET', at('workers/services/:'), ({ names: [name] }) => serviceOf(this.#worker(name))],
    ['DELETE', at('workers/scripts/:'), ({ names: [name] }) => this.#platform.remove(this.#worker(name))],
    ['GET', at('storage/kv/namespaces'), () => []],
    [
      'GET',
      at('workers/workers/:'),
      ({ names: [name] }) => ({ name: this.#worker(name).name, subdomain: this.#worker(name).subdomain }),
    ],
    [
      'GET',
      at('workers/scripts/:/secrets'),
      ({ names: [name] }) => [...this.#worker(name).secrets.keys()].map((key) => ({ name: key, type: 'secret_text' })),
    ],
    [
      'GET',
      at('workers/scripts/:/deployments'),
      ({ names: [name] }) => ({ deployments: this.#worker(name).deployments }),
    ],
    [
      'POST',
      at('workers/scripts/:/deployments'),
      ({ names: [name], body }) => this.#platform.deploy(this.#worker(name), JSON.parse(body.toString())),
    ],
    [
      'GET',
      at('workers/scripts/:/versions/:'),
      ({ names: [name, id] }) => this.#worker(name).versions.find((version) => version.id === id),
    ],
    [
      'POST',
      at('workers/scripts/:/assets-upload-session'),
      ({ body }) => this.#assets.begin(JSON.parse(body.toString()).manifest),
    ],
    ['POST', at('workers/assets/upload'), async (call) => this.#assets.keep(call.token, await formOf(call))],
    ['POST', at('workers/scripts/:/versions'), async (call) => this.#platform.addVersion(await uploadOf(call))],
    ['PUT', at('workers/scripts/:'), async (call) => this.#platform.upload(await uploadOf(call))],
    ['GET', at('workers/scripts/:/settings'), ({ names: [name] }) => this.#worker(name).upload.metadata],
    ['PATCH', at('workers/scripts/:/script-settings'), () => ({})],
    [
      'POST',
      at('workers/scripts/:/subdomain'),
      ({ names: [name], body }) => Object.assign(this.#worker(name).subdomain, JSON.parse(body.toString())),
    ],
    ['GET', at('workers/scripts/:/subdomain'), ({ names: [name] }) => this.#worker(name).subdomain],
    ['GET', at('workers/scripts/:/schedules'), ({ names: [name] }) => ({ schedules: this.#worker(name).schedules })],
    [
      'PUT',
      at('workers/scripts/:/schedules'),
      ({ names: [name], body }) => Object.assign(this.#worker(name), { schedules: JSON.parse(body.toString()) }),
    ],
  ]
}

const ACCOUNTS = `/accounts/${ACCOUNT}/`

/** What comes behind these is a name. */
const NAMES = /\b(d1\/database|services|workers\/workers|scripts|versions)\/[^/]+/g

/** A path of the account, with `:` for a name. */
const at = (path: string) => new RegExp(`^${ACCOUNTS}${path.replaceAll(':', '([^/]+)')}$`)

const serviceOf = ({ name }: DeployedWorker) => ({
  id: name,
  default_environment: { environment: 'production', script: { tag: name, tags: [], last_deployed_from: 'wrangler' } },
})

const formOf = ({ body, contentType }: Call) =>
  new Response(new Uint8Array(body), { headers: { 'content-type': contentType } }).formData()

/** The parts of the form a Worker is uploaded in. */
async function uploadOf(call: Call): Promise<Upload> {
  const {
    names: [name = ''],
  } = call
  const form = await formOf(call)
  const metadata: Upload['metadata'] = JSON.parse(String(form.get('metadata')))
  const parts = new Map<string, string>()
  for (const [part, value] of form) parts.set(part, typeof value === 'string' ? value : await value.text())
  return { name, metadata, parts }
}
