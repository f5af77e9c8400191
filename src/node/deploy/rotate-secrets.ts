// `npm run rotate-secrets -- URL`: asks a running deployment to re-encrypt its stored secrets under its current
// ENCRYPTION_KEY. The deployment does so in small steps while it serves; neither keys nor secrets leave it. CONTROL_TOKEN
// is read from the environment.
import { readArguments } from '../cli/arguments.ts'
import { UsageError } from '../cli/usage.ts'
import { messageOf } from '../error-details.ts'
import { StartFailure } from '../start-failure.ts'

const STEP_TIMEOUT_MS = 60_000

interface Step {
  resealed: number
  /** Where secrets are that no key of the deployment opens. */
  unopened: string[]
  next?: { database: number; table: string; after: number }
}

async function askForStep(url: URL, token: string, from: Step['next']): Promise<Step> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(from ? { from } : {}),
    signal: AbortSignal.timeout(STEP_TIMEOUT_MS),
  })
  const text = await response.text()
  if (!response.ok) throw new StartFailure(`${url} answers ${response.status}: ${text.slice(0, 300)}`)
  const step: Step = JSON.parse(text)
  return step
}

/** @throws UsageError for anything but one URL */
function readOrigin(): string {
  const { positionals } = readArguments(process.argv.slice(2), {})
  const [origin = '', surplus] = positionals
  const wrong = surplus ?? (URL.canParse(origin) ? undefined : origin || 'nothing')
  if (wrong === undefined) return origin
  throw new UsageError(
    `npm run rotate-secrets takes one URL, not ${wrong}: npm run rotate-secrets -- https://identity.example`,
  )
}

async function rotate(origin: string, token: string | undefined) {
  if (!token) throw new UsageError('CONTROL_TOKEN is not set')
  const url = new URL('/_control/secrets/reseal', origin)
  const unopened: string[] = []
  let resealed = 0
  let step: Step | undefined
  do {
    step = await askForStep(url, token, step?.next)
    resealed += step.resealed
    unopened.push(...step.unopened)
  } while (step.next)
  return { resealed, unopened }
}

try {
  const { resealed, unopened } = await rotate(readOrigin(), process.env['CONTROL_TOKEN'])
  console.log(`${resealed} stored secrets sealed anew`)
  if (unopened.length > 0) console.log(`${unopened.length} are opened by no key that the deployment has:`)
  for (const place of unopened) console.log(`  ${place}`)
} catch (error) {
  const again = error instanceof UsageError ? '' : '; run it again, it goes on where there is something to do'
  console.error(`${messageOf(error)}${again}`)
  process.exit(1)
}
