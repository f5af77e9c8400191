// `npm run deploy`: deploys the Worker, its databases and secrets to the account that wrangler is logged in to.
import { constants } from 'node:os'
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

/** Where D1 places the primary of a new database: near one of these regions, or only within one of these jurisdictions. */
const PLACES = {
  location: ['weur', 'eeur', 'apac', 'oc', 'wnam', 'enam'],
  jurisdiction: ['eu', 'fedramp', 'us'],
} as const

/** @throws UsageError for a place that D1 does not have, or for two places */
function readPlace(place: Place): Place {
  for (const kind of ['location', 'jurisdiction'] as const) {
    const given = place[kind]
    if (given !== undefined && !PLACES[kind].some((known) => known === given)) {
      throw new UsageError(`--${kind}: ${noSuch(kind, given, PLACES[kind])}`)
    }
  }
  if (place.location !== undefined && place.jurisdiction !== undefined) {
    throw new UsageError('--location and --jurisdiction: one of them, since D1 ignores the location in a jurisdiction')
  }
  return place
}

/** @throws UsageError for an unknown option, an argument, a place there is not, or a secret that cannot be rotated */
function readOptions() {
  const { values, positionals } = readArguments(process.argv.slice(2), OPTIONS)
  const [surplus] = positionals
  if (surplus !== undefined)
    throw new UsageError(`${surplus} means nothing to npm run deploy; a deployment's name is --env NAME`)
  const { rotate = [], location, jurisdiction } = values
  const unknown = rotate.find((name) => !ROTATABLE.includes(name))
  if (unknown !== undefined) throw new UsageError(`--rotate: ${noSuch('secret to rotate', unknown, ROTATABLE)}`)
  return { ...values, rotate, place: readPlace({ location, jurisdiction }) }
}

const tools = {
  wrangler: runWrangler,
  web: { fetch, pauseMs: 2000 },
  print: (line: string) => console.log(line),
  outDir: OUT_DIR,
}

// Ended by `process.exit`, so that wrangler and the file of the secrets go with it.
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(name, () => {
    console.error(`stopped by ${name}`)
    adviseAgain()
    process.exit(128 + constants.signals[name])
  })
}

try {
  const { env, rotate, place, 'dry-run': dryRun } = readOptions()
  const { [CLIENT_SECRET]: clientSecret, [ENCRYPTION_KEY]: encryptionKey, [CONTROL_TOKEN]: controlToken } = process.env
  const options = { rotate, place, clientSecret, encryptionKey: encryptionKey || undefined, controlToken }
  await (dryRun ? printPlan : deployTarget)(readTarget(env), options, tools)
} catch (error) {
  console.error(error instanceof StartFailure ? error.message : error)
  if (!(error instanceof UsageError)) adviseAgain()
  process.exitCode = 1
}

function adviseAgain() {
  const line = ['npm run deploy', ...(process.argv.length > 2 ? ['--', ...process.argv.slice(2)] : [])].join(' ')
  console.error(
    `Then run it again: ${line}. It goes on where this run stopped; of secrets shown twice the later holds.`,
  )
}
