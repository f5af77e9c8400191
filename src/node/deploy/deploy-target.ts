// The steps of a deployment. Each step is idempotent: it looks at what exists and makes what is missing. A run that was
// interrupted is therefore completed by the next, and a run with nothing to do changes nothing.
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { buildConsole } from '../build/console.ts'
import { projectRoot } from '../config/config.ts'
import { StartFailure } from '../start-failure.ts'
import { Account, type Place } from './account.ts'
import { assetFiles } from './asset-files.ts'
import { checkDeployment, curlOf, type Web } from './check.ts'
import { fillNames } from './fill-names.ts'
import { ensureFirstClient, holdsSealed } from './first-client.ts'
import { ensureReadReplication } from './read-replication.ts'
import { CLIENT_SECRET, CONTROL_TOKEN, ENCRYPTION_KEY, isEncryptionKey, SECRETS } from './secrets.ts'
import { isUnknown, removeTarget, type Target, textOf, writeTarget } from './target.ts'
import type { Wrangler } from './wrangler.ts'

export interface Tools {
  wrangler: Wrangler
  web: Web
  print: (line: string) => void
  /** The directory of bundles, and of the address each deployment was last found at. */
  outDir: string
}

export interface Options {
  /** Names of secrets to replace by new ones. */
  rotate: readonly string[]
  /** The first client's secret, if the user has it, to check that it works. */
  clientSecret: string | undefined
  /** The key to seal under, if the Worker has none; without it one is made. */
  encryptionKey?: string | undefined
  /** Where new databases stand; without it, near whoever runs this. */
  place?: Place | undefined
  /** The Worker's control token, if the user has it, to fill names that lack their keys. */
  controlToken?: string | undefined
}

/**
 * Deploys the Worker, its databases and its secrets, and checks that they work.
 * @throws StartFailure at the first step that fails; the steps before it are not undone
 */
export async function deployTarget(target: Target, options: Options, tools: Tools): Promise<void> {
  const account = new Account(tools.wrangler, target.file)
  // wrangler reads the configuration file on every command, even `whoami`.
  writeTarget(target)
  await account.requireLogin()
  const found = await ensureDatabases(target, account, options.place, tools)
  const bindings = found.config.d1_databases.map(({ binding }) => binding)
  for (const binding of bindings) await account.applyMigrations(binding)
  tools.print('migrations: up to date')
  const newSecret = await ensureFirstClient(account, bindings, options.rotate.includes(CLIENT_SECRET), (secret) =>
    tools.print(`client admin: new secret, shown this once\n  ${CLIENT_SECRET}=${secret}`),
  )
  if (newSecret === undefined) tools.print('client admin: is there')
  const { origin, controlToken } = await publish(found, account, options, tools)
  for (const line of await checkDeployment(origin, newSecret ?? options.clientSecret, tools.web)) tools.print(line)
  const names = await fillNames(account, bindings, { origin, token: controlToken }, tools.web)
  for (const line of names) tools.print(line)
  tools.print(`serving on ${origin}\n${curlOf(origin)}`)
}

/** `--dry-run`: prints the steps and makes the bundle, without network or login; removes the configuration it wrote. */
export async function printPlan(target: Target, tools: Tools): Promise<void> {
  const { name, d1_databases: databases } = target.config
  const steps = [
    ...databases.map(
      ({ database_name: database, binding }) => `D1 database ${database} (${binding}): find it by name, or create it`,
    ),
    `${target.file}: wrangler.toml with the ids of these databases`,
    ...databases.map(({ database_name: database }) => `${database}: switch read replication on, and check its mode`),
    ...databases.map(({ binding }) => `${binding}: apply the migrations it lacks`),
    'client admin: create it if it is missing, with a random secret, shown once',
    `secrets ${Object.keys(SECRETS).join(', ')}: make those that are missing`,
    `Worker ${name}: deploy it with them, unless this very version serves already`,
    'check /health, /ready, a token, and settings with it',
    'fill the keys of names that lack them, with CONTROL_TOKEN; print those that clash, and the call',
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

/** Finds each database by its name or creates it, and writes the configuration with their ids. */
async function ensureDatabases(
  target: Target,
  account: Account,
  place: Place | undefined,
  { print, web }: Tools,
): Promise<Target> {
  const databases = []
  for (const database of target.config.d1_databases) {
    const name = database.database_name
    const known = isUnknown(database) ? await account.findDatabase(name) : database.database_id
    if (known === undefined) await account.createDatabase(name, place)
    else if (place) print(`database ${name}: stays where it was created; a place is chosen then alone`)
    const id = known ?? (await account.findDatabase(name))
    if (id === undefined)
      throw new StartFailure(`D1 database ${name} was created and is not listed yet; run this again`)
    print(`database ${name}: ${known === undefined ? 'created' : 'is there'}`)
    databases.push({ ...database, database_id: id })
  }
  const found = { ...target, config: { ...target.config, d1_databases: databases } }
  writeTarget(found)
  for (const line of await ensureReadReplication(account, databases, web)) print(line)
  return found
}

/** Deploys, unless this version serves already and has all secrets. Returns the deployment's origin, and its control token if it is known. */
async function publish(target: Target, account: Account, options: Options, tools: Tools) {
  const { print, outDir } = tools
  const deployments = await account.listDeployments()
  const there = deployments ? await account.listSecrets() : []
  const missing = Object.keys(SECRETS).filter((name) => !there.includes(name) || options.rotate.includes(name))
  if (missing.includes(ENCRYPTION_KEY)) await requireKeyOfWhatIsSealed(target, account, options.encryptionKey)
  const { tag } = await bundle(target, account, outDir)
  const addressFile = join(outDir, target.config.name, 'address')
  const known = existsSync(addressFile) ? readFileSync(addressFile, 'utf8').trim() : undefined
  const newest = deployments?.at(-1)
  if (missing.length === 0 && known && newest && (await account.tagOf(newest)) === tag) {
    print(`secrets: are there\nWorker ${target.config.name}: serves this version already`)
    return { origin: known, controlToken: options.controlToken }
  }
  const made = makeSecrets(missing, options, print)
  const origin = await deploy(account, tag, made)
  print(`Worker ${target.config.name}: deployed, version ${tag}`)
  mkdirSync(dirname(addressFile), { recursive: true })
  writeFileSync(addressFile, `${origin}\n`)
  const controlToken = made.find(({ name }) => name === CONTROL_TOKEN)?.value ?? options.controlToken
  return { origin, controlToken }
}

/**
 * Makes the secrets of these names, and shows those that somebody has to know. They are shown before they are uploaded: a
 * deployment that fails later may have put them in service already, and wrangler reads no secret back.
 */
function makeSecrets(missing: readonly string[], { encryptionKey }: Options, print: Tools['print']) {
  const given = new Map(encryptionKey === undefined ? [] : [[ENCRYPTION_KEY, encryptionKey]])
  const made = Object.entries(SECRETS)
    .filter(([name]) => missing.includes(name))
    .map(([name, { make, shown }]) => ({ name, value: given.get(name) ?? make(), shown: shown && !given.has(name) }))
  print(made.length ? `secrets: ${missing.join(', ')} made; shown this once` : 'secrets: are there')
  for (const { name, value } of made.filter(({ shown }) => shown)) print(`  ${name}=${value}`)
  return made
}

/**
 * Asks the databases, and not wrangler, whether anything is sealed: a new key would make it unreadable.
 * @throws StartFailure when something is sealed and no key is given
 */
async function requireKeyOfWhatIsSealed({ config }: Target, account: Account, given: string | undefined) {
  if (given !== undefined && !isEncryptionKey(given)) {
    throw new StartFailure(`${ENCRYPTION_KEY} in the environment is not 32 random bytes in base64url`)
  }
  if (given !== undefined) return
  for (const { binding, database_name: name } of config.d1_databases) {
    if (!(await holdsSealed(account, binding))) continue
    throw new StartFailure(
      `the Worker ${config.name} has no ${ENCRYPTION_KEY}, and ${name} holds secrets sealed under one; no new key is made, it could not read them. Run this again with the former key in the environment as ${ENCRYPTION_KEY}`,
    )
  }
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

/** The first address in wrangler's report, on workers.dev, a custom domain or a route of a zone, as an origin. */
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

/**
 * Bundles the Worker. The tag is a hash of bundle, assets and configuration, by which a version that serves already is recognised.
 */
async function bundle(target: Target, account: Account, outDir: string) {
  const folder = join(outDir, target.config.name, 'bundle')
  rmSync(folder, { recursive: true, force: true })
  await buildConsole()
  await account.bundle(folder)
  // wrangler writes a README.md with a timestamp beside the bundle.
  rmSync(join(folder, 'README.md'), { force: true })
  const hash = createHash('sha256')
    .update(textOf(target))
    .update(readFileSync(join(folder, 'index.js')))
  for (const file of assetFiles()) hash.update(relative(projectRoot, file)).update(readFileSync(file))
  return { folder, tag: hash.digest('hex').slice(0, 16) }
}

export const OUT_DIR = join(projectRoot, 'dist/deploy')
