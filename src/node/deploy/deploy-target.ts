// The steps of a deployment. Each step is idempotent: it looks at what exists and makes what is missing. A run that was
// interrupted is therefore completed by the next, and a run with nothing to do changes nothing.
import { rmSync } from 'node:fs'
import { join, relative } from 'node:path'
import { buildConsole } from '../build/console.ts'
import { projectRoot } from '../config/config.ts'
import { findAccess } from './access.ts'
import { Account, type Place, type Query } from './account.ts'
import { checkDeployment, curlOf } from './check.ts'
import { Commands } from './commands.ts'
import { ensureDatabases, lacksMigrations } from './databases.ts'
import { fillNames } from './fill-names.ts'
import { ensureFirstClient } from './first-client.ts'
import type { Options, Tools } from './options.ts'
import { publish } from './publish.ts'
import { CLIENT_SECRET, SECRETS } from './secrets.ts'
import { databaseIn, removeTarget, type Target, writeTarget } from './target.ts'

/**
 * Deploys the Worker, its databases and its secrets, and checks that they work.
 * @throws StartFailure at the first step that fails; the steps before it are not undone
 */
export async function deployTarget(target: Target, options: Options, tools: Tools): Promise<void> {
  const access = await findAccess(target.config, tools.wrangler)
  const account = new Account(access, target.config.name)
  const found = await ensureDatabases(target, account, options.place ?? {}, tools.print)
  writeTarget(found)
  const commands = new Commands(tools.wrangler, found.file, access.accountId)
  const bindings = found.config.d1_databases.map(({ binding }) => binding)
  const query: Query = (binding, sql) => account.query(databaseIn(found, binding).database_id, sql)
  for (const database of found.config.d1_databases) {
    if (await lacksMigrations(database, account)) await commands.applyMigrations(database.binding)
  }
  tools.print('migrations: up to date')
  const newSecret = await ensureFirstClient(query, bindings, options.rotate.includes(CLIENT_SECRET), (secret) =>
    tools.print(`client admin: new secret, shown this once\n  ${CLIENT_SECRET}=${secret}`),
  )
  if (newSecret === undefined) tools.print('client admin: is there')
  const { origin, controlToken } = await publish(found, account, commands, options, tools)
  for (const line of await checkDeployment(origin, newSecret ?? options.clientSecret, tools.web)) tools.print(line)
  const names = await fillNames(query, bindings, { origin, token: controlToken }, tools.web)
  for (const line of names) tools.print(line)
  tools.print(`serving on ${origin}\n${curlOf(origin)}`)
}

/** `--dry-run`: prints the steps and makes the bundle, without network or login; removes the configuration it wrote. */
export async function printPlan(target: Target, { rotate, place = {} }: Options, tools: Tools): Promise<void> {
  const { name, d1_databases: databases } = target.config
  const replaced = rotate.filter((secret) => secret !== CLIENT_SECRET)
  const steps = [
    ...databases.map(
      ({ database_name: database, binding }) =>
        `D1 database ${database} (${binding}): find it by name, or create it${described(place)}; read replication on`,
    ),
    `${target.file}: wrangler.toml with the ids of these databases`,
    ...databases.map(({ binding }) => `${binding}: apply the migrations it lacks`),
    `client admin: ${rotate.includes(CLIENT_SECRET) ? 'a new random secret' : 'create it if it is missing, with a random secret'}, shown once`,
    `secrets ${Object.keys(SECRETS).join(', ')}: make those that are missing${replaced.length ? `, and ${replaced.join(', ')} anew` : ''}`,
    `Worker ${name}: deploy it with them, unless this very version serves already`,
    'check /health, /ready, a token, and settings with it',
    'fill the keys of names that lack them, with CONTROL_TOKEN; print those that clash, and the call',
  ]
  for (const [index, step] of steps.entries()) tools.print(`${index + 1}. ${step}`)
  const draft = { ...target, file: 'wrangler.dry-run.json' }
  writeTarget(draft)
  try {
    const folder = join(tools.outDir, name, 'bundle')
    rmSync(folder, { recursive: true, force: true })
    await buildConsole()
    await new Commands(tools.wrangler, draft.file).bundle(folder)
    // wrangler writes a README.md with a timestamp beside the bundle.
    rmSync(join(folder, 'README.md'), { force: true })
    tools.print(`the bundle is in ${relative(projectRoot, folder)}; nothing else was done`)
  } finally {
    removeTarget(draft)
  }
}

/** Where the primary is to stand, as words behind what is said of a database. */
function described({ location, jurisdiction }: Place): string {
  if (jurisdiction !== undefined) return ` in the jurisdiction ${jurisdiction}`
  return location === undefined ? '' : ` near ${location}`
}

export const OUT_DIR = join(projectRoot, 'dist/deploy')
