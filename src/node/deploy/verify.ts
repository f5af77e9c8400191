// `npm run deploy:verify -- [--env NAME]`: asks a deployment, and the account it is in, for each point that no test can show. It
// changes nothing.
import { readArguments } from '../cli/arguments.ts'
import { UsageError } from '../cli/usage.ts'
import { projectRoot } from '../config/config.ts'
import { messageOf } from '../error-details.ts'
import { readMigrations } from '../state/prepare.ts'
import type { Account } from './account.ts'
import { checkDeployment, type Web } from './check.ts'
import { withDeployed } from './deployed.ts'
import { CLIENT_SECRET, SECRETS } from './secrets.ts'
import { readTarget, type Target } from './target.ts'
import { runWrangler } from './wrangler.ts'

/** A point: what is expected, and what was found. Throws, or resolves to `false`, where it does not hold. */
type Point = readonly [expected: string, ask: () => Promise<string | boolean>]

const web: Web = { fetch, pauseMs: 2000 }

const holds = (held: boolean, found: string): string => {
  if (!held) throw new Error(`it is ${found}`)
  return found
}

function ofDatabases({ config }: Target, account: Account): Point[] {
  return config.d1_databases.flatMap(({ database_name: name, database_id: id, migrations_dir: folder }): Point[] => [
    [
      `read replication of ${name} is auto`,
      async () => {
        const mode = (await account.findDatabase(id))?.read_replication?.mode ?? 'disabled'
        return holds(mode === 'auto', mode)
      },
    ],
    [
      `${name} has the migrations of this checkout`,
      async () => {
        const rows = await account.query<{ name: string }>(id, 'select name from d1_migrations order by id')
        const wanted = (await readMigrations(`${projectRoot}/${folder}`)).map((migration) => migration.name)
        return holds(rows.map((row) => row.name).join() === wanted.join(), `${rows.at(-1)?.name}`)
      },
    ],
    [`Time Travel knows a bookmark of ${name}`, async () => (await account.bookmark(id)).bookmark],
  ])
}

function ofWorker(account: Account): Point[] {
  return [
    [
      'the Worker has its secrets',
      async () => {
        const there = await account.listSecrets()
        const missing = Object.keys(SECRETS).filter((secret) => !there.includes(secret))
        return holds(missing.length === 0, missing.length === 0 ? there.join(', ') : `without ${missing.join(', ')}`)
      },
    ],
    [
      'former versions have no address',
      async () => {
        const { previews_enabled: previews } = await account.addresses()
        return holds(previews !== true, `previews ${previews ? 'on' : 'off'}`)
      },
    ],
    [
      'the Cron trigger is set',
      async () => {
        const { schedules } = await account.schedules()
        return holds(schedules.length > 0, schedules.map(({ cron }) => cron).join(', ') || 'not')
      },
    ],
  ]
}

function ofAnswers(origin: string): Point[] {
  const get = (path: string, accept = 'application/json') => fetch(`${origin}${path}`, { headers: { accept } })
  return [
    [
      'health, a token and settings',
      async () => (await checkDeployment(origin, process.env[CLIENT_SECRET], web)).join('; '),
    ],
    [
      '/ready says which copy answered',
      async () => {
        const { answered }: { answered?: { region: string | null; primary: boolean | null } } = JSON.parse(
          await (await get('/ready')).text(),
        )
        return holds(
          Boolean(answered?.region),
          `${answered?.region}, ${answered?.primary ? 'the primary' : 'a replica'}`,
        )
      },
    ],
    [
      'https is kept to, for this host alone',
      async () => {
        const header = (await get('/health')).headers.get('strict-transport-security') ?? 'missing'
        return holds(/max-age=[1-9]/.test(header) && !/includeSubDomains/i.test(header), header)
      },
    ],
    [
      'the console is served, and its data is not without a key',
      async () => {
        const [page, data] = await Promise.all([get('/_control/', 'text/html'), get('/_control/tenants')])
        return holds(page.status === 200 && data.status === 401, `${page.status} and ${data.status}`)
      },
    ],
  ]
}

/** Prints a line for each point. Returns how many do not hold. */
async function verify(points: readonly Point[]): Promise<number> {
  let failed = 0
  for (const [expected, ask] of points) {
    try {
      console.log(`ok      ${expected}: ${await ask()}`)
    } catch (error) {
      failed++
      console.log(`FAILED  ${expected}: ${messageOf(error)}`)
    }
  }
  return failed
}

try {
  const { values, positionals } = readArguments(process.argv.slice(2), {
    env: { type: 'string' },
    url: { type: 'string' },
  })
  if (positionals.length > 0) throw new UsageError('npm run deploy:verify takes --env NAME and --url ORIGIN')
  const failed = await withDeployed(readTarget(values.env), runWrangler, async ({ account, found }) => {
    const origin = values.url ?? (await originOf(found, account))
    return verify([...ofDatabases(found, account), ...ofWorker(account), ...ofAnswers(origin)])
  })
  process.exitCode = failed === 0 ? 0 : 1
} catch (error) {
  console.error(messageOf(error))
  process.exitCode = 1
}

/** The Worker's address on workers.dev. */
async function originOf({ config: { name } }: Target, account: Account): Promise<string> {
  const { subdomain } = await account.subdomain()
  return `https://${name}.${subdomain}.workers.dev`
}
