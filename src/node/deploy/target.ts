// The target of a deployment: the names of its Worker and databases, and the configuration file that wrangler gets. That
// file is wrangler.toml with these names and the ids of the databases. It is written on each run from what exists in the
// account, and git ignores it.
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { projectRoot } from '../config/config.ts'
import { WranglerToml } from '../config/wrangler-toml.ts'
import { StartFailure } from '../start-failure.ts'
import { SECRETS } from './secrets.ts'

/**
 * The prefix of database ids in wrangler.toml that stand for no deployed database. Local runs name their SQLite files by
 * them; a deployment replaces them by the ids of the account's databases.
 */
const PLACEHOLDER = '00000000-0000-0000-0000-'

export interface DatabaseConfig {
  binding: string
  database_name: string
  database_id: string
  migrations_dir: string
}

/** The content of wrangler.toml. Keys that are not named here are passed to wrangler unchanged. */
export interface RawConfig {
  name: string
  d1_databases: DatabaseConfig[]
  ratelimits?: { name: string; namespace_id: string }[]
  [key: string]: unknown
}

export interface Target {
  /** The file's name. It lies in the repository's root, so that relative paths mean the same as in wrangler.toml. */
  file: string
  config: RawConfig
}

/**
 * The target of the deployment named `env`, or of the one without a name.
 * @throws StartFailure when `env` cannot be part of a Worker's name
 */
export function readTarget(env: string | undefined): Target {
  if (env !== undefined && !/^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$/.test(env)) {
    throw new StartFailure('--env takes up to 32 lower-case letters, digits and inner hyphens')
  }
  return targetOf(readWranglerToml(), env)
}

/** Each deployment has a Worker, databases and rate limits of its own, whose names end in its name. */
export function targetOf(config: RawConfig, env: string | undefined): Target {
  if (env === undefined) return { file: 'wrangler.deploy.json', config }
  const named = (name: string) => `${name}-${env}`
  const { ratelimits } = config
  return {
    file: `wrangler.deploy.${env}.json`,
    config: {
      ...config,
      name: named(config.name),
      d1_databases: config.d1_databases.map((database, index) => ({
        ...database,
        database_name: named(database.database_name),
        // A real id in wrangler.toml belongs to the deployment without a name: this one must not write to its database.
        database_id: `${PLACEHOLDER}${String(index).padStart(12, '0')}`,
      })),
      ...(ratelimits && {
        ratelimits: ratelimits.map((limit) => ({ ...limit, namespace_id: `${namespaceOf(env)}${limit.namespace_id}` })),
      }),
    },
  }
}

/** @throws StartFailure when the target has no such binding */
export function databaseIn({ config }: Target, binding: string): DatabaseConfig {
  const found = config.d1_databases.find((database) => database.binding === binding)
  if (!found) throw new StartFailure(`wrangler.toml binds no D1 database to ${binding}`)
  return found
}

/** Whether the database's id is a placeholder, so that it has to be looked up by name. */
export const isUnknown = ({ database_id }: DatabaseConfig) => database_id.startsWith(PLACEHOLDER)

/** The configuration file's content. It is hashed into the version's tag, so the same target must give the same text. */
export const textOf = ({ config }: Target) => `${JSON.stringify(config, null, 2)}\n`

export function writeTarget(target: Target): void {
  writeFileSync(join(projectRoot, target.file), textOf(target))
}

export const removeTarget = ({ file }: Target) => rmSync(join(projectRoot, file), { force: true })

function readWranglerToml(): RawConfig {
  const toml = new WranglerToml(join(projectRoot, 'wrangler.toml'))
  toml.text('name')
  if (toml.count('d1_databases') === 0) throw new StartFailure('wrangler.toml has no D1 database')
  // wrangler's own environments are left out: they inherit no bindings, so each would have to repeat them. So is the build
  // command, which refuses a deployment by wrangler.toml itself.
  const { env: _, build: __, ...config } = toml.table
  // Only here: in wrangler.toml, wrangler would bind no other variable in a local run.
  return JSON.parse(JSON.stringify({ ...config, secrets: { required: Object.keys(SECRETS) } }))
}

/**
 * Four digits from a hash of the name. Cloudflare counts rate limits by namespace id within an account: deployments with
 * the same ids would use up each other's limits.
 */
function namespaceOf(env: string): number {
  let hash = 0
  for (const letter of env) hash = (hash * 31 + letter.charCodeAt(0)) % 8999
  return 1000 + hash
}
