// `npm run rotate-secrets -- URL`: asks a running deployment to re-encrypt its stored secrets under its current
// ENCRYPTION_KEY. The deployment does so in small steps while it serves; neither keys nor secrets leave it. With an option it
// changes the signing key instead. CONTROL_TOKEN is read from the environment.
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

const OPTIONS = {
  'next-key': { type: 'boolean', default: false },
  'sign-with': { type: 'string' },
  'retire-key': { type: 'string' },
} as const

const USAGE = 'npm run rotate-secrets -- https://identity.example [--next-key | --sign-with KID | --retire-key KID]'

type Ask = (method: string, path: string, json?: object) => Promise<string>

/** Sends requests under `/_control/secrets`; returns the answers' texts. @throws StartFailure for an error status */
const asking =
  (origin: string, token: string): Ask =>
  async (method, path, json) => {
    const url = new URL(`/_control/secrets/${path}`, origin)
    const response = await fetch(url, {
      method,
      headers: { authorization: `Bearer ${token}`, ...(json && { 'content-type': 'application/json' }) },
      ...(json && { body: JSON.stringify(json) }),
      signal: AbortSignal.timeout(STEP_TIMEOUT_MS),
    })
    const text = await response.text()
    if (!response.ok) throw new StartFailure(`${url} answers ${response.status}: ${text.slice(0, 300)}`)
    return text
  }

/** @throws UsageError for anything but one URL and at most one option */
function readCommand() {
  const { values, positionals } = readArguments(process.argv.slice(2), OPTIONS)
  const { 'next-key': nextKey, 'sign-with': signWith, 'retire-key': retireKey } = values
  const [origin = '', surplus] = positionals
  const wrong = surplus ?? (URL.canParse(origin) ? undefined : origin || 'nothing')
  if (wrong !== undefined) throw new UsageError(`npm run rotate-secrets takes one URL, not ${wrong}: ${USAGE}`)
  if ([nextKey || undefined, signWith, retireKey].filter((given) => given !== undefined).length > 1) {
    throw new UsageError(`one change of the signing key at a time: ${USAGE}`)
  }
  return { origin, nextKey, signWith, retireKey }
}

async function reseal(ask: Ask) {
  const unopened: string[] = []
  let resealed = 0
  let step: Step | undefined
  do {
    const answered: Step = JSON.parse(await ask('POST', 'reseal', step?.next ? { from: step.next } : {}))
    step = answered
    resealed += step.resealed
    unopened.push(...step.unopened)
  } while (step.next)
  const lines = [`${resealed} stored secrets sealed anew`]
  if (unopened.length > 0) lines.push(`${unopened.length} are opened by no key that the deployment has:`)
  return [...lines, ...unopened.map((place) => `  ${place}`)].join('\n')
}

async function run(): Promise<string> {
  const { origin, nextKey, signWith, retireKey } = readCommand()
  const token = process.env['CONTROL_TOKEN']
  if (!token) throw new UsageError('CONTROL_TOKEN is not set')
  const ask = asking(origin, token)
  if (nextKey) {
    const { kid }: { kid: string } = JSON.parse(await ask('POST', 'signing-key/next'))
    return `${kid} is published; when clients have fetched the JWKS: --sign-with ${kid}`
  }
  if (signWith !== undefined) {
    await ask('POST', `signing-key/${encodeURIComponent(signWith)}/sign`)
    return `${signWith} signs; running isolates follow within five minutes`
  }
  if (retireKey !== undefined) {
    await ask('DELETE', `signing-key/${encodeURIComponent(retireKey)}`)
    return `${retireKey} is retired; running isolates refuse its tokens within five minutes`
  }
  return reseal(ask)
}

try {
  console.log(await run())
} catch (error) {
  const again = error instanceof UsageError ? '' : '; run it again, it goes on where there is something to do'
  console.error(`${messageOf(error)}${again}`)
  process.exit(1)
}
