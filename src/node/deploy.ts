// `npm run deploy`: from a logged-in wrangler to a tenant that answers.
import { parseArgs } from 'node:util'
import { deployTenant, OUT_DIR, rehearse } from './deploy/deploy-tenant.ts'
import { CLIENT_SECRET, ROTATABLE } from './deploy/secrets.ts'
import { readTarget } from './deploy/target.ts'
import { runWrangler } from './deploy/wrangler.ts'
import { messageOf } from './error-details.ts'
import { StartFailure } from './start-failure.ts'

const USAGE = `npm run deploy -- [--env NAME] [--dry-run] [--rotate ${ROTATABLE.join('|')}]...`

function readOptions() {
  try {
    const { values } = parseArgs({
      options: {
        env: { type: 'string' },
        'dry-run': { type: 'boolean', default: false },
        rotate: { type: 'string', multiple: true, default: [] },
      },
    })
    const unknown = values.rotate.filter((name) => !ROTATABLE.includes(name))
    if (unknown.length > 0) throw new Error(`${unknown.join(', ')} cannot be rotated here`)
    return values
  } catch (error) {
    throw new StartFailure(`${messageOf(error)}\n${USAGE}`)
  }
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
