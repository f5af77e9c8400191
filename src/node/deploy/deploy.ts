// `npm run deploy`: deploys the Worker, its databases and secrets to the account that wrangler is logged in to.
import { noSuch } from '../../http/nearest.ts'
import { readArguments } from '../cli/arguments.ts'
import { UsageError } from '../cli/usage.ts'
import { StartFailure } from '../start-failure.ts'
import type { Place } from './account.ts'
import { deployTarget, OUT_DIR, printPlan } from './deploy-target.ts'
import { CLIENT_SECRET, CONTROL_TOKEN, ENCRYPTION_KEY, ROTATABLE } from './secrets.ts'
import { readTarget } from './target.ts'
import { runWrangler } from './wrangler.ts'

const OPTIONS = {
  env: { type: 'string' },
  'dry-run': { type: 'boolean', default: false },
  rotate: { type: 'string', multiple: true },
  location: { type: 'string' },
  jurisdiction: { type: 'string' },
} as const

/** Where a primary can stand: hints, and what it may not leave. */
const LOCATIONS = ['weur', 'eeur', 'apac', 'oc', 'wnam', 'enam']
const JURISDICTIONS = ['eu', 'fedramp', 'us']

/** @throws UsageError for an unknown option, an argument, or a secret that cannot be rotated */
function readOptions() {
  const { values, positionals } = readArguments(process.argv.slice(2), OPTIONS)
  const [surplus] = positionals
  if (surplus !== undefined)
    throw new UsageError(`${surplus} means nothing to npm run deploy; a deployment's name is --env NAME`)
  const { rotate = [] } = values
  const unknown = rotate.find((name) => !ROTATABLE.includes(name))
  if (unknown !== undefined) throw new UsageError(`--rotate: ${noSuch('secret to rotate', unknown, ROTATABLE)}`)
  const place = placeOf(values)
  return { ...values, rotate, ...(place && { place }) }
}

/** @throws UsageError for a place that D1 does not have, or both kinds of one */
function placeOf({ location, jurisdiction }: { location?: string; jurisdiction?: string }): Place | undefined {
  if (location !== undefined && jurisdiction !== undefined) {
    throw new UsageError('--location and --jurisdiction: D1 takes one of them')
  }
  if (location !== undefined && !LOCATIONS.includes(location)) {
    throw new UsageError(`--location: ${noSuch('place', location, LOCATIONS)}`)
  }
  if (jurisdiction !== undefined && !JURISDICTIONS.includes(jurisdiction)) {
    throw new UsageError(`--jurisdiction: ${noSuch('jurisdiction', jurisdiction, JURISDICTIONS)}`)
  }
  if (location !== undefined) return { location }
  return jurisdiction === undefined ? undefined : { jurisdiction }
}

const tools = {
  wrangler: runWrangler,
  web: { fetch, pauseMs: 2000 },
  print: (line: string) => console.log(line),
  outDir: OUT_DIR,
}

try {
  const { env, rotate, place, 'dry-run': dryRun } = readOptions()
  const target = readTarget(env)
  if (dryRun) await printPlan(target, tools)
  else {
    const {
      [CLIENT_SECRET]: clientSecret,
      [ENCRYPTION_KEY]: encryptionKey,
      [CONTROL_TOKEN]: controlToken,
    } = process.env
    const given = { clientSecret, encryptionKey: encryptionKey || undefined, controlToken }
    await deployTarget(target, { rotate, place, ...given }, tools)
  }
} catch (error) {
  console.error(error instanceof StartFailure ? error.message : error)
  if (!(error instanceof UsageError)) {
    const line = ['npm run deploy', ...(process.argv.length > 2 ? ['--', ...process.argv.slice(2)] : [])].join(' ')
    console.error(
      `Then run it again: ${line}. It goes on where this run stopped; of secrets shown twice the later holds.`,
    )
  }
  process.exitCode = 1
}
