// Uploads the Worker with the secrets it lacks, unless the version that serves is this one.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { buildConsole } from '../build/console.ts'
import { makeTemporaryDirectory, removeTemporaryDirectory } from '../runtime/temporary-directory.ts'
import { StartFailure } from '../start-failure.ts'
import type { Account } from './account.ts'
import type { Commands } from './commands.ts'
import { holdsSealed } from './first-client.ts'
import type { Options, Tools } from './options.ts'
import { CONTROL_TOKEN, ENCRYPTION_KEY, isEncryptionKey, SECRETS } from './secrets.ts'
import type { Target } from './target.ts'
import { tagOf } from './version-tag.ts'

/** Deploys, unless this version serves already and has all secrets. Returns the deployment's origin, and its control token if it is known. */
export async function publish(target: Target, account: Account, commands: Commands, options: Options, tools: Tools) {
  const { print, outDir } = tools
  const newest = await account.findDeployment()
  const there = newest ? await account.listSecrets() : []
  const missing = Object.keys(SECRETS).filter((name) => !there.includes(name) || options.rotate.includes(name))
  if (missing.includes(ENCRYPTION_KEY)) await requireKeyOfWhatIsSealed(target, account, options.encryptionKey)
  await buildConsole()
  const tag = tagOf(target)
  const addressFile = join(outDir, target.config.name, 'address')
  const known = existsSync(addressFile) ? readFileSync(addressFile, 'utf8').trim() : undefined
  if (missing.length === 0 && known && newest && (await account.tagOf(newest)) === tag) {
    print(`secrets: are there\nWorker ${target.config.name}: serves this version already`)
    return { origin: known, controlToken: options.controlToken }
  }
  const made = makeSecrets(missing, options, print)
  const origin = await deploy(commands, tag, made)
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
  for (const { database_id: id, database_name: name } of config.d1_databases) {
    if (!(await holdsSealed((sql) => account.query(id, sql)))) continue
    throw new StartFailure(
      `the Worker ${config.name} has no ${ENCRYPTION_KEY}, and ${name} holds secrets sealed under one; no new key is made, it could not read them. Run this again with the former key in the environment as ${ENCRYPTION_KEY}`,
    )
  }
}

async function deploy(
  commands: Commands,
  tag: string,
  made: readonly { name: string; value: string }[],
): Promise<string> {
  const folder = await makeTemporaryDirectory()
  try {
    const secretsFile = join(folder, 'secrets.json')
    const reportFile = join(folder, 'report')
    await writeFile(secretsFile, JSON.stringify(Object.fromEntries(made.map(({ name, value }) => [name, value]))), {
      mode: 0o600,
    })
    await commands.deploy({ tag, reportFile, secretsFile: made.length > 0 ? secretsFile : undefined })
    return originIn(readFileSync(reportFile, 'utf8'))
  } finally {
    await removeTemporaryDirectory(folder)
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
