// `npm run deploy`: deploys the Worker, its databases and secrets to the account that wrangler is logged in to.
import { noSuch } from '../../http/nearest.ts'
import { readArguments } from '../cli/arguments.ts'
import { UsageError } from '../cli/usage.ts'
import { StartFailure } from '../start-failure.ts'
import { deployTarget, OUT_DIR, printPlan } from './deploy-target.ts'
import { CLIENT_SECRET, CONTROL_TOKEN, ENCRYPTION_KEY, ROTATABLE } from './secrets.ts'
import { readTarget } from './target.ts'
import { runWrangler } from './wrangler.ts'

const OPTIONS = {
  env: { type: 'string' },
  'dry-run': { type: 'boolean', default: false },
  rotate: { type: 'string', multiple: true },
} as const

/** @throws UsageError for an unknown option, an argument, or a secret that cannot be rotated */
function readOptions() {
  const { values, positionals } = readArguments(process.argv.slice(2), OPTIONS)
  const [surplus] = positionals
  if (surplus !== undefined)
    throw new UsageError(`${surplus} means nothing to npm run deploy; a deployment's name is --env NAME`)
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
  if (dryRun) await printPlan(target, tools)
  else {
    const {
      [CLIENT_SECRET]: clientSecret,
      [ENCRYPTION_KEY]: encryptionKey,
      [CONTROL_TOKEN]: controlToken,
    } = process.env
    const given = { clientSecret, encryptionKey: encryptionKey || undefined, controlToken }
    await deployTarget(target, { rotate, ...given }, tools)
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
