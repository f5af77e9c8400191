// A deployment, step by step. Each step looks at what is there and does what is missing, so that a run that was cut off is
// completed by the next one, and one more changes nothing.
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { projectRoot } from '../config.ts'
import { StartFailure } from '../start-failure.ts'
import { Account } from './account.ts'
import { checkDeployment, curlOf, type Web } from './check.ts'
import { provideFirstClient } from './first-client.ts'
import { CLIENT_SECRET, SECRETS } from './secrets.ts'
import { isUnknown, removeTarget, type Target, textOf, writeTarget } from './target.ts'
import type { Wrangler } from './wrangler.ts'

export interface Tools {
  wrangler: Wrangler
  web: Web
  print: (line: string) => void
  /** Where bundles go, and what is remembered of a deployment's address. */
  outDir: string
}

export interface Options {
  /** Names of secrets to replace though they are there. */
  rotate: readonly string[]
  /** The first client's secret, if it is known. */
  clientSecret: string | undefined
}

/** @throws StartFailure at the first step that does not work; the steps before it stand */
export async function deployTenant(target: Target, options: Options, tools: Tools): Promise<void> {
  const account = new Account(tools.wrangler, target.file)
  // wrangler reads its configuration whatever it is asked.
  writeTarget(target)
  await account.requireLogin()
  const found = await provideDatabases(target, account, tools)
  const bindings = found.config.d1_databases.map(({ binding }) => binding)
  for (const binding of bindings) await account.applyMigrations(binding)
  tools.print('migrations: up to date')
  const fresh = await provideFirstClient(account, bindings, options.rotate.includes(CLIENT_SECRET))
  tools.print(fresh ? 'client admin: new secret, shown this once' : 'client admin: is there')
  if (fresh) tools.print(`  ${CLIENT_SECRET}=${fresh}`)
  const origin = await publish(found, account, options.rotate, tools)
  for (const line of await checkDeployment(origin, fresh ?? options.clientSecret, tools.web)) tools.print(line)
  tools.print(`serving on ${origin}\n${curlOf(origin)}`)
}

/** Prints the steps and makes the bundle: no account is asked, no network used, and no configuration stays behind. */
export async function rehearse(target: Target, tools: Tools): Promise<void> {
  const { name, d1_databases: databases } = target.config
  const steps = [
    ...databases.map(
      ({ database_name: database, binding }) => `D1 database ${database} (${binding}): find it by name, or create it`,
    ),
    `${target.file}: wrangler.toml with the ids of these databases`,
    ...databases.map(({ binding }) => `${binding}: apply the migrations it lacks`),
    'client admin: create it if it is missing, with a random secret, shown once',
    `secrets ${Object.keys(SECRETS).join(', ')}: make those that are missing`,
    `Worker ${name}: deploy it with them, unless this very version serves already`,
    'check /health, /ready, a token, and settings with it; print the call',
  ]
  for (const [index, step] of steps.entries()) tools.print(`${index + 1}. ${step}`)
  const draft = { ...target, file: 'wrangler.dry-run.json' }
  writeTarget(draft)
  try {
    const { folder } = await bundle(draft, new Account(tools.wrangler, draft.file), tools.outDir)
    tools.print(`the bundle is in ${relative(projectRoot, folder)}; nothing else was done`)
  } finally {
    removeTarget(draft)
  }
}

async function provideDatabases(target: Target, account: Account, { print }: Tools): Promise<Target> {
  const databases = []
  for (const database of target.config.d1_databases) {
    const name = database.database_name
    const known = isUnknown(database) ? await account.findDatabase(name) : database.database_id
    if (known === undefined) await account.createDatabase(name)
    const id = known ?? (await account.findDatabase(name))
    if (id === undefined)
      throw new StartFailure(`D1 database ${name} was created and is not listed yet; run this again`)
    print(`database ${name}: ${known === undefined ? 'created' : 'is there'}`)
    databases.push({ ...database, database_id: id })
  }
  const found = { ...target, config: { ...target.config, d1_databases: databases } }
  writeTarget(found)
  return found
}

/** Deploys unless this version, with all of its secrets, is what serves. Returns the address. */
async function publish(target: Target, account: Account, rotate: readonly string[], tools: Tools): Promise<string> {
  const { print, outDir } = tools
  const deployments = await account.listDeployments()
  const there = deployments ? await account.listSecrets() : []
  const made = Object.entries(SECRETS)
    .filter(([name]) => !there.includes(name) || rotate.includes(name))
    .map(([name, { make, shown }]) => ({ name, value: make(), shown }))
  const { tag } = await bundle(target, account, outDir)
  const memory = join(outDir, target.config.name, 'address')
  const known = existsSync(memory) ? readFileSync(memory, 'utf8').trim() : undefined
  const newest = deployments?.at(-1)
  if (made.length === 0 && known && newest && (await account.tagOf(newest)) === tag) {
    print(`secrets: are there\nWorker ${target.config.name}: serves this version already`)
    return known
  }
  const origin = await deploy(account, tag, made)
  print(
    `secrets: ${made.map(({ name }) => name).join(', ') || 'are there'}${made.length ? ' made; shown this once' : ''}`,
  )
  for (const { name, value } of made.filter(({ shown }) => shown)) print(`  ${name}=${value}`)
  print(`Worker ${target.config.name}: deployed, version ${tag}`)
  mkdirSync(dirname(memory), { recursive: true })
  writeFileSync(memory, `${origin}\n`)
  return origin
}

async function deploy(
  account: Account,
  tag: string,
  made: readonly { name: string; value: string }[],
): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'identity-edge-deploy-'))
  try {
    const secretsFile = join(folder, 'secrets.json')
    const reportFile = join(folder, 'report')
    await writeFile(secretsFile, JSON.stringify(Object.fromEntries(made.map(({ name, value }) => [name, value]))), {
      mode: 0o600,
    })
    await account.deploy({ tag, reportFile, secretsFile: made.length > 0 ? secretsFile : undefined })
    return originIn(readFileSync(reportFile, 'utf8'))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** The first address in wrangler's report: a workers.dev one, a custom domain, or a route on a zone. */
function originIn(report: string): string {
  const entries: { type: string; targets?: string[] }[] = report
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line))
  const targets = entries.findLast(({ type }) => type === 'deploy')?.targets ?? []
  const host = targets.map((target) => /^(?:https:\/\/)?([\w-]+(?:\.[\w-]+)+)/.exec(target)?.[1]).find(Boolean)
  if (host === undefined) {
    throw new StartFailure('the Worker is deployed at no address: switch workers.dev on, or give it a route')
  }
  return `https://${host}`
}

/** The same bundle has the same tag, whoever makes it. */
async function bundle(target: Target, account: Account, outDir: string) {
  const folder = join(outDir, target.config.name, 'bundle')
  rmSync(folder, { recursive: true, force: true })
  await account.bundle(folder)
  // It says when it was made, which is all there is in it.
  rmSync(join(folder, 'README.md'), { force: true })
  const hash = createHash('sha256')
    .update(textOf(target))
    .update(readFileSync(join(folder, 'index.js')))
  return { folder, tag: hash.digest('hex').slice(0, 16) }
}

export const OUT_DIR = join(projectRoot, 'dist/deploy')
