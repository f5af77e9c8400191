// A Cloudflare account behind wrangler's command line, as far as a deployment uses it: databases are SQLite with the real
// migrations, and what is deployed answers over `fetch` from them.
import { createHash, randomUUID } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { RawConfig } from '../../src/node/deploy/target.ts'
import type { Outcome, Wrangler } from '../../src/node/deploy/wrangler.ts'

interface Deployed {
  secrets: Map<string, string>
  tag: string | undefined
  binding: DatabaseSync | undefined
}

export class FakeAccount {
  readonly databases = new Map<string, { uuid: string; file: DatabaseSync }>()
  readonly workers = new Map<string, Deployed>()
  /** What changed something, in order. */
  readonly changes: string[] = []
  loggedIn = true
  code = 'export default {}'
  /** The call that fails next, by its first words. */
  failing: string | undefined
  refusal = 'A request to the Cloudflare API failed.'

  readonly wrangler: Wrangler = async (args, env = {}) => {
    const config: RawConfig = JSON.parse(readFileSync(String(args.at(-1)), 'utf8'))
    const call = args.slice(0, -2)
    if (this.failing !== undefined && call.join(' ').startsWith(this.failing)) {
      this.failing = undefined
      return refuse(this.refusal)
    }
    const [, answer] = Object.entries(this.#calls).find(([words]) => call.join(' ').startsWith(words)) ?? []
    return answer ? answer(call, config, env) : refuse(`unknown: ${call.join(' ')}`)
  }

  readonly fetch: typeof fetch = async (input, init) => {
    const { hostname, pathname } = new URL(String(input))
    const worker = this.workers.get(hostname.split('.')[0] ?? '')
    if (!worker?.binding) return new Response('no such Worker', { status: 404 })
    if (pathname === '/health') return Response.json({ status: 'ok' })
    if (pathname === '/ready') return new Response(null, { status: 404 })
    if (pathname === '/identity_/connect/token') return issue(worker.binding, new URLSearchParams(String(init?.body)))
    const { authorization } = Object.fromEntries(new Headers(init?.headers))
    return authorization === 'Bearer fake' ? Response.json([]) : new Response(null, { status: 401 })
  }

  #calls: Record<string, (call: string[], config: RawConfig, env: Readonly<Record<string, string>>) => Outcome> = {
    whoami: () => (this.loggedIn ? done('{}') : refuse('not logged in')),
    'd1 list': () => done(JSON.stringify([...this.databases].map(([name, { uuid }]) => ({ name, uuid })))),
    'd1 create': ([, , name = '']) => {
      this.changes.push(`create ${name}`)
      this.databases.set(name, { uuid: `id-of-${name}`, file: new DatabaseSync(':memory:') })
      return done('created')
    },
    'd1 migrations apply': ([, , , binding = ''], config) => this.#migrate(this.#database(binding, config)),
    'd1 execute': (call, config) => this.#execute(this.#database(call[2] ?? '', config), String(call.at(-1))),
    // The words of wrangler 4.156.2, which keeps the API's code to itself.
    'secret list': (_, { name }) => {
      const worker = this.workers.get(name)
      return worker
        ? done(JSON.stringify([...worker.secrets.keys()].map((secret) => ({ name: secret }))))
        : refuse(`X [ERROR] Worker "${name}" not found.

  If this is a new Worker, run \`wrangler deploy\` first to create it.
  Otherwise, check that the Worker name is correct and you're logged into the right account.`)
    },
    'deployments list': (_, { name }) =>
      this.workers.has(name)
        ? done(JSON.stringify([{ versions: [{ version_id: 'v', percentage: 100 }] }]))
        : refuse(`X [ERROR] A request to the Cloudflare API (/accounts/a/workers/scripts/${name}/deployments) failed.

  This Worker does not exist on your account. [code: 10007]`),
    'versions view': (_, { name }) =>
      done(`some words\n${JSON.stringify({ annotations: { 'workers/tag': this.workers.get(name)?.tag } })}`),
    'deploy --dry-run': (call) => this.#bundle(String(call.at(-1))),
    deploy: (call, config, env) => this.#deploy(call, config, env),
  }

  #database(binding: string, { d1_databases }: RawConfig): DatabaseSync {
    const { database_id: id } = d1_databases.find((database) => database.binding === binding) ?? {}
    const found = [...this.databases.values()].find(({ uuid }) => uuid === id)
    if (!found) throw new Error(`${binding} is bound to no database`)
    return found.file
  }

  #migrate(file: DatabaseSync): Outcome {
    const has = file.prepare("select count(*) as n from sqlite_master where name = 'partitions'").get()
    if (has?.['n'] === 0) {
      this.changes.push('migrate')
      for (const name of readdirSync('drizzle').filter((name) => name.endsWith('.sql'))) {
        file.exec(readFileSync(join('drizzle', name), 'utf8'))
      }
    }
    return done('')
  }

  #execute(file: DatabaseSync, sql: string): Outcome {
    if (/^select/i.test(sql)) return done(JSON.stringify([{ results: file.prepare(sql).all() }]))
    this.changes.push('write')
    file.exec(`begin; ${sql}; commit`)
    return done('[{"results":[]}]')
  }

  #bundle(folder: string): Outcome {
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'index.js'), this.code)
    writeFileSync(join(folder, 'README.md'), `generated at ${randomUUID()}`)
    return done('')
  }

  #deploy(call: string[], config: RawConfig, env: Readonly<Record<string, string>>): Outcome {
    this.changes.push(`deploy ${config.name}`)
    const after = (flag: string) => (call.includes(flag) ? call[call.indexOf(flag) + 1] : undefined)
    const file = after('--secrets-file')
    const added: Record<string, string> = file ? JSON.parse(readFileSync(file, 'utf8')) : {}
    const secrets = new Map([...(this.workers.get(config.name)?.secrets ?? []), ...Object.entries(added)])
    this.workers.set(config.name, { secrets, tag: after('--tag'), binding: this.#database('DB', config) })
    const report = { type: 'deploy', targets: [`https://${config.name}.example.workers.dev`] }
    writeFileSync(String(env['WRANGLER_OUTPUT_FILE_PATH']), `{"type":"wrangler-session"}\n${JSON.stringify(report)}\n`)
    return done('deployed')
  }
}

function issue(file: DatabaseSync, form: URLSearchParams): Response {
  const hash = createHash('sha256')
    .update(String(form.get('client_secret')))
    .digest('base64url')
  const client = file.prepare('select * from clients where id = ?').get(String(form.get('client_id')))
  return client?.['secret_hash'] === hash && client['host_admin'] === 1
    ? Response.json({ access_token: 'fake' })
    : Response.json({ error: 'invalid_client' }, { status: 400 })
}

const done = (stdout: string): Outcome => ({ code: 0, stdout, stderr: '' })
const refuse = (stderr: string): Outcome => ({ code: 1, stdout: '', stderr })
