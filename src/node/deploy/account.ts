// What a deployment does in a Cloudflare account, each one call of the API.
import type { Access } from './access.ts'
import { ApiFailure, callApi } from './cloudflare.ts'

/** A D1 database, with what matters of its details. */
export interface DatabaseDetails {
  uuid: string
  /** The region of its primary, in D1's names: WEUR, ENAM, … */
  running_in_region?: string
  jurisdiction?: string | null
  read_replication?: { mode: 'auto' | 'disabled' } | null
}

/** Where the primary of a new database is to stand. */
export interface Place {
  location?: string | undefined
  jurisdiction?: string | undefined
}

/** Runs SQL on the database of a binding, and returns the rows of its first statement. */
export type Query = <Row>(binding: string, sql: string) => Promise<Row[]>

/** A deployment of a Worker: its versions, and the share of requests each gets. */
export interface Deployment {
  versions: { version_id: string; percentage: number }[]
}

/**
 * The API's error codes for a Worker that does not exist, the last two from its older versions. No other error may be taken
 * for these: a Worker that is believed absent is given a new ENCRYPTION_KEY, which makes stored secrets unreadable.
 */
const NO_WORKER: readonly number[] = [10007, 10090, 10092]

const NO_DATABASE: readonly number[] = [7404]

/** A Worker and the D1 databases of an account. All methods throw a StartFailure when a call fails. */
export class Account {
  readonly #access: Access
  readonly #script: string

  constructor(access: Access, worker: string) {
    this.#access = access
    this.#script = `workers/scripts/${worker}`
  }

  findDatabase = (name: string) => this.#find<DatabaseDetails>(`d1/database/${name}`, NO_DATABASE)

  createDatabase = (name: string, { location, jurisdiction }: Place) =>
    this.#call<DatabaseDetails>('POST', 'd1/database', {
      name,
      ...(location && { primary_location_hint: location }),
      ...(jurisdiction && { jurisdiction }),
    })

  /** Lets D1 place read replicas. */
  replicate = (id: string) =>
    this.#call<DatabaseDetails>('PUT', `d1/database/${id}`, { read_replication: { mode: 'auto' } })

  deleteDatabase = (id: string) => this.#call<null>('DELETE', `d1/database/${id}`)

  /** Runs SQL, one or more statements in one transaction, and returns the rows of the first statement. */
  async query<Row>(databaseId: string, sql: string): Promise<Row[]> {
    const [first] = await this.#call<{ results: Row[] }[]>('POST', `d1/database/${databaseId}/query`, { sql })
    return first?.results ?? []
  }

  /** The Worker's newest deployment; undefined when the Worker does not exist. */
  async findDeployment(): Promise<Deployment | undefined> {
    const found = await this.#find<{ deployments: Deployment[] }>(`${this.#script}/deployments`, NO_WORKER)
    return found && (found.deployments[0] ?? { versions: [] })
  }

  /** The names of the secrets of a Worker that exists. */
  async listSecrets(): Promise<string[]> {
    const secrets = await this.#call<{ name: string }[]>('GET', `${this.#script}/secrets`)
    return secrets.map(({ name }) => name)
  }

  /** The tag of the version that gets all requests; undefined when several share them, or it has no tag. */
  async tagOf({ versions }: Deployment): Promise<string | undefined> {
    const [only, ...others] = versions
    if (only === undefined || others.length > 0) return undefined
    const version = await this.#call<{ annotations?: Record<string, string> }>(
      'GET',
      `${this.#script}/versions/${only.version_id}`,
    )
    return version.annotations?.['workers/tag']
  }

  /** The bookmark that Time Travel has of a database now. */
  bookmark = (id: string) => this.#call<{ bookmark: string }>('GET', `d1/database/${id}/time_travel/bookmark`)

  /** The account's part of addresses on workers.dev. */
  subdomain = () => this.#call<{ subdomain: string }>('GET', 'workers/subdomain')

  /** Whether the Worker has addresses: on workers.dev, and one for each version. */
  addresses = () => this.#call<{ enabled: boolean; previews_enabled: boolean }>('GET', `${this.#script}/subdomain`)

  /** When the Worker is called by time. */
  schedules = () => this.#call<{ schedules: { cron: string }[] }>('GET', `${this.#script}/schedules`)

  deleteWorker = () => this.#call<null>('DELETE', `${this.#script}?force=true`)

  #call<Result>(method: string, path: string, json?: object): Promise<Result> {
    const { accountId, credentials } = this.#access
    return callApi<Result>(method, `accounts/${accountId}/${path}`, credentials, json)
  }

  /** Undefined when the API answers with one of the error codes that mean absence. */
  async #find<Result>(path: string, absence: readonly number[]): Promise<Result | undefined> {
    try {
      return await this.#call<Result>('GET', path)
    } catch (error) {
      if (error instanceof ApiFailure && error.codes.some((code) => absence.includes(code))) return undefined
      throw error
    }
  }
}
