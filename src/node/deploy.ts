// `npm run deploy`: from a logged-in wrangler to a tenant that answers.
import { noSuch } from '../http/nearest.ts'
import { readArguments } from './command/arguments.ts'
import { UsageError } from './command/usage.ts'
import { deployTenant, OUT_DIR, rehearse } from './deploy/deploy-tenant.ts'
import { CLIENT_SECRET, ROTATABLE } from './deploy/secrets.ts'
import { readTarget } from './deploy/target.ts'
import { runWrangler } from './deploy/wrangler.ts'
import { StartFailure } from './start-failure.ts'

const OPTIONS = {
  env: { type: 'string' },
  'dry-run': { type: 'boolean', default: false },
  rotate: { type: 'string', multiple: true },
} as const

/** @throws UsageError */
function readOptions() {
  const { values, positionals } = readArguments(process.argv.slice(2), OPTIONS)
  const [surplus] = positionals
  if (surplus !== undefined)
    throw new UsageError(`${surplus} means nothing to npm run deploy; a tenant's name is --env NAME`)
  const { rotate = [] } = values
  const unknown = rotate.find((name) => !ROTATABLE.includes(name))
  if (unknown !== undefined) throw new UsageError(`--rotate: ${noSuch('secret to rotate', unknown, ROTATABLE)}`)
  return { ...values, rotate }
}

const tools = {
  wrangler: runWrangler,
  web: { fetch, pauseMs: 2000 },
  print: (line: string) => console.log(line),
  outDir: OUT_DIR,
}

try {
  const { env, rotate, 'dry-run': dryRun } = readOptions()
  const target = readTarget(env)
  if (dryRun) await rehearse(target, tools)
  else await deployTenant(target, { rotate, clientSecret: process.env[CLIENT_SECRET] }, tools)
} catch (error) {
  console.error(error instanceof StartFailure ? error.message : error)
  process.exitCode = 1
}
