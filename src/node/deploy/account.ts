// Operations on a Cloudflare account, each one call of wrangler, whose JSON output is parsed and whose failures become
// StartFailures.
import { StartFailure } from '../start-failure.ts'
import type { Outcome, Wrangler } from './wrangler.ts'

export interface DeployOptions {
  tag: string
  secretsFile: string | undefined
  /** The file into which wrangler writes a report of the deployment. */
  reportFile: string
}

/** Where a database's primary stands, in the words of `wrangler d1 create`. */
export interface Place {
  location?: string
  jurisdiction?: string
}

/** What `wrangler auth token --json` prints. */
type Login = { type: 'oauth' | 'api_token'; token: string } | { type: 'api_key'; key: string; email: string }

/** A deployment of a Worker: its versions, and the share of requests each gets. */
export interface Deployment {
  versions: { version_id: string; percentage: number }[]
}

/**
 * The API's error codes for a Worker that does not exist, the last two from its older versions. No other error may be taken
 * for these: a Worker that is believed absent is given a new ENCRYPTION_KEY, which makes stored secrets unreadable.
 */
const NO_WORKER: ReadonlySet<number | undefined> = new Set([10007, 10090, 10092])

/**
 * The account that wrangler is logged in to. Each call throws a StartFailure with wrangler's message when wrangler fails.
 */
export class Account {
  readonly #wrangler: Wrangler
  readonly #config: readonly string[]

  constructor(wrangler: Wrangler, configFile: string) {
    this.#wrangler = wrangler
    this.#config = ['--config', configFile]
  }

  /** @throws StartFailure when wrangler is not logged in */
  async requireLogin(): Promise<void> {
    const { code } = await this.#wrangler(['whoami', '--json', ...this.#config])
    if (code !== 0) {
      throw new StartFailure('wrangler is not logged in: run `npx wrangler login`, or set CLOUDFLARE_API_TOKEN')
    }
  }

  /** The id of the database of that name; undefined when there is none. */
  async findDatabase(name: string): Promise<string | undefined> {
    const databases = await this.#json<{ uuid: string; name: string }[]>(['d1', 'list', '--json'])
    return databases.find((database) => database.name === name)?.uuid
  }

  createDatabase = (name: string, place: Place = {}) =>
    this.#run(['d1', 'create', name, ...Object.entries(place).flatMap(([key, value]) => [`--${key}`, value])])

  /**
   * The id of the account that wrangler uses.
   * @throws StartFailure when the login has several and none is chosen
   */
  async id(): Promise<string> {
    const chosen = process.env['CLOUDFLARE_ACCOUNT_ID']
    if (chosen) return chosen
    const { accounts = [] } = await this.#json<{ accounts?: { id: string }[] }>(['whoami', '--json'])
    const [only, ...others] = accounts
    if (!only || others.length > 0) throw new StartFailure('set CLOUDFLARE_ACCOUNT_ID: the login has several accounts')
    return only.id
  }

  /** The headers that carry wrangler's login to Cloudflare's API. */
  async authorization(): Promise<Record<string, string>> {
    const login = await this.#json<Login>(['auth', 'token', '--json'])
    return login.type === 'api_key'
      ? { 'X-Auth-Key': login.key, 'X-Auth-Email': login.email }
      : { Authorization: `Bearer ${login.token}` }
  }

  applyMigrations = (binding: string) => this.#run(['d1', 'migrations', 'apply', binding, '--remote'])

  /** Runs SQL, one or more statements in one transaction, and returns the rows of the first statement. */
  async query<Row>(binding: string, sql: string): Promise<Row[]> {
    const args = ['d1', 'execute', binding, '--remote', '--yes', '--json', '--command', sql]
    const [result] = await this.#json<{ results: Row[] }[]>(args)
    return result?.results ?? []
  }

  /** The bookmark that Time Travel has of a database now. */
  async bookmark(binding: string): Promise<string> {
    return (await this.#json<{ bookmark: string }>(['d1', 'time-travel', 'info', binding, '--json'])).bookmark
  }

  deleteDatabase = (name: string) => this.#run(['d1', 'delete', name, '--skip-confirmation'])

  deleteWorker = () => this.#run(['delete', '--force'])

  exportDatabase = (name: string, file: string) =>
    this.#run(['d1', 'export', name, '--remote', '--skip-confirmation', '--output', file])

  importFile = (name: string, file: string) => this.#run(['d1', 'execute', name, '--remote', '--yes', '--file', file])

  /** The Worker's deployments, the newest last; undefined when the Worker does not exist. */
  async listDeployments(): Promise<Deployment[] | undefined> {
    const args = ['deployments', 'list', '--json']
    const outcome = await this.#wrangler([...args, ...this.#config])
    if (outcome.code === 0) return parse(args, outcome)
    if (NO_WORKER.has(apiErrorOf(outcome))) return undefined
    throw failed(args, outcome)
  }

  /**
   * The names of the secrets of a Worker that exists. For one that does not, wrangler's message lacks the API's error code.
   */
  async listSecrets(): Promise<string[]> {
    const secrets = await this.#json<{ name: string }[]>(['secret', 'list', '--format', 'json'])
    return secrets.map(({ name }) => name)
  }

  /** The tag of the version that gets all requests; undefined when several share them, or it has no tag. */
  async tagOf({ versions }: Deployment): Promise<string | undefined> {
    const [only, ...others] = versions
    if (only === undefined || others.length > 0) return undefined
    const version = await this.#json<{ annotations?: Record<string, string> }>([
      'versions',
      'view',
      only.version_id,
      '--json',
    ])
    return version.annotations?.['workers/tag']
  }

  /** Deploys the Worker together with its new secrets: no version serves without them. */
  deploy({ tag, secretsFile, reportFile }: DeployOptions): Promise<Outcome> {
    const secrets = secretsFile === undefined ? [] : ['--secrets-file', secretsFile]
    return this.#run(['deploy', '--keep-vars', '--tag', tag, ...secrets], { WRANGLER_OUTPUT_FILE_PATH: reportFile })
  }

  /** Bundles the Worker into `folder`, without network or login. */
  bundle = (folder: string) => this.#run(['deploy', '--dry-run', '--outdir', folder])

  async #json<Answer>(args: string[]): Promise<Answer> {
    return parse(args, await this.#run(args))
  }

  async #run(args: string[], env: Record<string, string> = {}): Promise<Outcome> {
    const outcome = await this.#wrangler([...args, ...this.#config], env)
    if (outcome.code !== 0) throw failed(args, outcome)
    return outcome
  }
}

/** Parses the JSON in wrangler's output, which may be preceded by warnings. */
function parse<Answer>(args: readonly string[], { stdout }: Outcome): Answer {
  const start = stdout.search(/^[[{]/m)
  try {
    return JSON.parse(stdout.slice(Math.max(start, 0)))
  } catch {
    throw new StartFailure(`wrangler ${nameOf(args)} answered what is no JSON: ${stdout.slice(0, 300)}`)
  }
}

/** The API's error code, which wrangler prints behind the message as `[code: 10007]`. */
function apiErrorOf({ stdout, stderr }: Outcome): number | undefined {
  const [, code] = /\[code: (\d+)\]/.exec(stderr) ?? /\[code: (\d+)\]/.exec(stdout) ?? []
  return code === undefined ? undefined : Number(code)
}

const failed = (args: readonly string[], { stdout, stderr }: Outcome) =>
  new StartFailure(`wrangler ${nameOf(args)} failed: ${onOneLine(stderr || stdout)}${adviceOn(stderr + stdout)}`)

const ERROR = '[ERROR]'

/** wrangler's error without its layout and without the invitation to report a bug, which follow it. */
function onOneLine(output: string): string {
  const [said = ''] = output
    .slice(Math.max(output.indexOf(ERROR), 0))
    .replace(ERROR, '')
    .split(/If you think this is a bug|\u{1FAB5}/u)
  return said.replace(/\s+/g, ' ').trim().slice(0, 500)
}

/** What only the account's owner can mend. For all other failures the same command, run again, is enough. */
const ADVICE: readonly (readonly [RegExp, string])[] = [
  [
    /\[code: (?:10000|10001|9109)\]|Authentication error/,
    'the login or CLOUDFLARE_API_TOKEN lacks a permission (docs/operations.md lists them)',
  ],
  [/workers\.dev subdomain|\[code: 10063\]/, 'open Workers & Pages in the dashboard once: it registers the subdomain'],
  [/\[code: 10072\]/, 'the account has no cron trigger left: remove one, or the paid plan'],
  [
    /\[code: 7406\]|maximum number of D1 databases/,
    'the account has no D1 database left: remove one, or the paid plan',
  ],
]

function adviceOn(output: string): string {
  const [, advice] = ADVICE.find(([pattern]) => pattern.test(output)) ?? []
  return advice === undefined ? '' : `; ${advice}`
}

const nameOf = (args: readonly string[]) => args.slice(0, 3).join(' ')
