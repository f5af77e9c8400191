// Which Worker and databases a deployment is about, and the configuration wrangler gets for it: wrangler.toml with the names
// of one tenant and the ids of its databases. It is made anew each time from what the account says, and git ignores it.
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { experimental_readRawConfig } from 'wrangler'
import { projectRoot } from '../config.ts'
import { StartFailure } from '../start-failure.ts'

/**
 * How the ids in wrangler.toml begin under which local runs keep their data, a file for each: no deployed database has
 * such an id.
 */
const PLACEHOLDER = '00000000-0000-0000-0000-'

export interface DatabaseConfig {
  binding: string
  database_name: string
  database_id: string
  migrations_dir: string
}

/** What wrangler.toml says. What is not named here goes through as it is. */
export interface RawConfig {
  name: string
  d1_databases: DatabaseConfig[]
  ratelimits?: { name: string; namespace_id: string }[]
  [key: string]: unknown
}

export interface Target {
  /** The file's name, in the repository's root: relative paths mean there what they mean in wrangler.toml. */
  file: string
  config: RawConfig
}

/**
 * The tenant called `env`, or the one without a name.
 * @throws StartFailure when a Worker cannot be called so
 */
export function readTarget(env: string | undefined): Target {
  if (env !== undefined && !/^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$/.test(env)) {
    throw new StartFailure('--env takes up to 32 lower-case letters, digits and inner hyphens')
  }
  return targetOf(readWranglerToml(), env)
}

/** Each tenant has a Worker, databases and rate limits of its own. */
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
        // An id in wrangler.toml is that of the tenant without a name.
        database_id: `${PLACEHOLDER}${String(index).padStart(12, '0')}`,
      })),
      ...(ratelimits && {
        ratelimits: ratelimits.map((limit) => ({ ...limit, namespace_id: `${namespaceOf(env)}${limit.namespace_id}` })),
      }),
    },
  }
}

export const isUnknown = ({ database_id }: DatabaseConfig) => database_id.startsWith(PLACEHOLDER)

/** The text of the file; the same for the same target. */
export const textOf = ({ config }: Target) => `${JSON.stringify(config, null, 2)}\n`

export function writeTarget(target: Target): void {
  writeFileSync(join(projectRoot, target.file), textOf(target))
}

export const removeTarget = ({ file }: Target) => rmSync(join(projectRoot, file), { force: true })

function readWranglerToml(): RawConfig {
  const { rawConfig } = experimental_readRawConfig({ config: join(projectRoot, 'wrangler.toml') })
  const { name, d1_databases: databases } = rawConfig
  if (!name || !databases?.length) throw new StartFailure('wrangler.toml has no name or no D1 database')
  // Environments of wrangler's own would inherit no binding: a tenant is a name of its own instead.
  const { env: _, ...config } = rawConfig
  return JSON.parse(JSON.stringify(config))
}

/** Rate limits are counted per account and namespace id, a whole number: four digits that are the tenant's. */
function namespaceOf(env: string): number {
  let hash = 0
  for (const letter of env) hash = (hash * 31 + letter.charCodeAt(0)) % 8999
  return 1000 + hash
}
