// Workers that were uploaded: their versions, secrets and deployments, and the runtime that answers for the newest.
import { randomUUID } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { join, resolve } from 'node:path'
import { openRuntime } from '../../src/node/runtime/runtime.ts'
import type { Workerd } from '../../src/node/runtime/workerd.ts'
import type { AssetsStore } from './assets-store.ts'

/** A Worker as wrangler sends it. */
export interface Upload {
  name: string
  metadata: {
    main_module: string
    compatibility_date: string
    bindings: { type: string; name: string; text?: string; id?: string }[]
    annotations?: Record<string, string>
    keep_bindings?: string[]
    /** The token of the list of its assets. */
    assets?: { jwt: string }
  }
  /** The parts of the form by name: `metadata`, the modules, the source maps. */
  parts: ReadonlyMap<string, string>
}

interface Version {
  id: string
  number: number
  metadata: { created_on: string; source: 'wrangler' }
  annotations: Record<string, string>
  resources: { script: { etag: string }; bindings: Upload['metadata']['bindings']; script_runtime: object }
  startup_time_ms: number
}

interface Deployment {
  id: string
  source: 'wrangler'
  created_on: string
  versions: { version_id: string; percentage: number }[]
}

export interface DeployedWorker {
  name: string
  secrets: Map<string, string>
  /** The newest upload. */
  upload: Upload
  versions: Version[]
  /** The newest first, as the API lists them. */
  deployments: Deployment[]
  subdomain: { enabled: boolean; previews_enabled?: boolean }
  schedules: { cron: string }[]
}

export class WorkersPlatform {
  readonly workers = new Map<string, DeployedWorker>()
  readonly #runtimes = new Map<string, Workerd>()
  readonly #state: string
  readonly #assets: AssetsStore

  constructor(state: string, assets: AssetsStore) {
    this.#state = state
    this.#assets = assets
  }

  /** Uploads the first version, or one more, and puts it in service. */
  async upload(upload: Upload) {
    const version = this.addVersion(upload)
    const worker = this.workers.get(upload.name)
    if (worker) await this.deploy(worker, { versions: [{ version_id: version.id, percentage: 100 }] })
    return { ...version, deployment_id: version.id, etag: version.id }
  }

  addVersion(upload: Upload): Version {
    const { name, metadata } = upload
    const worker: DeployedWorker = this.workers.get(name) ?? {
      name,
      secrets: new Map(),
      upload,
      versions: [],
      deployments: [],
      subdomain: { enabled: false },
      schedules: [],
    }
    this.workers.set(name, worker)
    worker.upload = upload
    if (!metadata.keep_bindings?.includes('secret_text')) worker.secrets.clear()
    for (const { type, name: secret, text = '' } of metadata.bindings) {
      if (type === 'secret_text') worker.secrets.set(secret, text)
    }
    const id = randomUUID()
    const version: Version = {
      id,
      number: worker.versions.length + 1,
      metadata: { created_on: new Date().toISOString(), source: 'wrangler' },
      annotations: metadata.annotations ?? {},
      resources: { script: { etag: id }, bindings: metadata.bindings, script_runtime: {} },
      startup_time_ms: 1,
    }
    worker.versions.push(version)
    return version
  }

  async deploy(worker: DeployedWorker, { versions }: Pick<Deployment, 'versions'>): Promise<Deployment> {
    const deployment: Deployment = {
      id: randomUUID(),
      source: 'wrangler',
      created_on: new Date().toISOString(),
      versions,
    }
    worker.deployments.unshift(deployment)
    await this.#run(worker)
    return deployment
  }

  async remove({ name }: DeployedWorker): Promise<void> {
    await this.#runtimes.get(name)?.stop()
    this.#runtimes.delete(name)
    this.workers.delete(name)
  }

  /** What the Worker answers. */
  async ask(name: string, path: string, call: { method: string; headers: IncomingHttpHeaders; body: Buffer }) {
    const runtime = this.#runtimes.get(name)
    if (!runtime) return { status: 404, text: 'There is nothing here yet' }
    const { authorization, 'content-type': type } = call.headers
    const response = await fetch(`http://127.0.0.1:${runtime.port}${path}`, {
      method: call.method,
      headers: { ...(authorization && { authorization }), ...(type && { 'content-type': type }) },
      ...(call.method === 'GET' ? {} : { body: new Uint8Array(call.body) }),
    })
    return { status: response.status, text: await response.text() }
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#runtimes.values()].map((runtime) => runtime.stop()))
  }

  async #run({ name, secrets, upload: { metadata, parts } }: DeployedWorker): Promise<void> {
    await this.#runtimes.get(name)?.stop()
    const bound = (wanted: string) => metadata.bindings.filter(({ type }) => type === wanted)
    const [main, ...others] = bound('d1').map(({ name: binding, id = '' }) => ({ binding, id }))
    if (!main) throw new Error(`${name} has no database`)
    const [assets] = bound('assets')
    const directory = join(this.#state, 'assets', name)
    if (metadata.assets) this.#assets.write(metadata.assets.jwt, directory)
    const texts = bound('plain_text').map(({ name: key, text = '' }) => [key, text])
    const runtime = await openRuntime(
      {
        compatibilityDate: metadata.compatibility_date,
        compatibilityFlags: [],
        vars: Object.fromEntries(texts),
        databases: [main, ...others],
        ...(assets && { assets: { binding: assets.name, directory } }),
        d1: { worker: resolve('src/node/runtime/d1.worker.js'), binding: resolve('src/node/runtime/d1.binding.js') },
      },
      {
        stateDir: this.#state,
        script: parts.get(metadata.main_module) ?? '',
        // As deployed: with neither of what marks a local run.
        variables: { ...Object.fromEntries(secrets), EMBEDDED: '', LOCAL: '', LOG: 'off' },
      },
    )
    this.#runtimes.set(name, runtime)
  }
}
