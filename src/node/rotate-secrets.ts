// `npm run rotate-secrets -- URL`: has a running tenant seal what it stores under its current ENCRYPTION_KEY. The tenant
// does it in small steps while it serves; no key and no secret comes here. CONTROL_TOKEN is taken from the environment.
import { messageOf } from './error-details.ts'
import { StartFailure } from './start-failure.ts'

const STEP_TIMEOUT_MS = 60_000

interface Step {
  resealed: number
  next?: { database: number; after: number }
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

async function rotate(origin: string | undefined, token: string | undefined): Promise<number> {
  if (!origin || !URL.canParse(origin))
    throw new StartFailure('usage: npm run rotate-secrets -- https://tenant.example')
  if (!token) throw new StartFailure('CONTROL_TOKEN is not set')
  const url = new URL('/_control/secrets/reseal', origin)
  let resealed = 0
  let step: Step | undefined
  do {
    step = await askForStep(url, token, step?.next)
    resealed += step.resealed
  } while (step.next)
  return resealed
}

try {
  const resealed = await rotate(process.argv[2], process.env['CONTROL_TOKEN'])
  console.log(`${resealed} stored secrets sealed anew`)
} catch (error) {
  console.error(`${messageOf(error)}; run it again, it goes on where there is something to do`)
  process.exit(1)
}
