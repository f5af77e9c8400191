// Checks that a deployment works, by calling it at its public address.
import { setTimeout as sleep } from 'node:timers/promises'
import { HOST_PARTITION } from '../../partitions/partition.table.ts'
import { FIRST_CLIENT } from '../../seed/deployment.ts'
import { StartFailure } from '../start-failure.ts'
import { CLIENT_SECRET } from './secrets.ts'

const TOKEN = '/identity_/connect/token'
const SETTINGS = `/identity_/api/Setting?partitionGlobalId=${HOST_PARTITION}&key=Email.Smtp.Host`

/** The network, so that tests can replace it. */
export interface Web {
  fetch: typeof fetch
  /** Milliseconds between two attempts. A new address takes a while to resolve. */
  pauseMs: number
}

/** How often `/health` is asked before a deployment counts as failed. */
const TRIES = 30

/**
 * Calls `/health`, `/ready` if the deployment has it, the token endpoint, and with the token Setting. Without the client's
 * secret it checks that a wrong one is refused, which also reads the database. Returns the lines to print.
 * @throws StartFailure with the answer, when it is not the expected one
 */
export async function checkDeployment(origin: string, secret: string | undefined, web: Web): Promise<string[]> {
  await untilHealthy(origin, web)
  const ready = await untilReady(origin, web)
  const answered = ready.ok ? 'health and ready: ok' : 'health: ok'
  const response = await web.fetch(origin + TOKEN, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: FIRST_CLIENT,
      client_secret: secret ?? 'not the secret',
    }),
  })
  if (secret === undefined) {
    if (response.status !== 400 && response.status !== 401)
      throw await unexpected('a token with a wrong secret', response)
    return [answered, `token: a wrong secret is refused; set ${CLIENT_SECRET} to try the right one`]
  }
  await checkToken(origin, response, web)
  return [answered, 'token: ok, and settings answer to it']
}

/** A curl command for a token; the secret is read from the shell's environment, so that it is not printed. */
export const curlOf = (origin: string) =>
  `curl -s '${origin}${TOKEN}' -d grant_type=client_credentials -d client_id=${FIRST_CLIENT} -d client_secret="$${CLIENT_SECRET}"`

async function untilHealthy(origin: string, { fetch, pauseMs }: Web): Promise<void> {
  for (let tried = 1; ; tried++) {
    const answer = await fetch(`${origin}/health`).catch((error: unknown) => String(error))
    if (typeof answer !== 'string' && answer.ok) return
    if (tried === TRIES) {
      throw typeof answer === 'string'
        ? new StartFailure(`${origin} cannot be reached: ${answer}`)
        : await unexpected('/health', answer)
    }
    await sleep(pauseMs)
  }
}

/** A replica may have heard nothing yet of the migrations that this deployment applied. */
const READY_TRIES = 5

async function untilReady(origin: string, { fetch, pauseMs }: Web): Promise<Response> {
  for (let tried = 1; ; tried++) {
    const ready = await fetch(`${origin}/ready`)
    if (ready.status === 404 || ready.ok) return ready
    if (tried === READY_TRIES) throw await unexpected('/ready', ready)
    await sleep(pauseMs)
  }
}

async function checkToken(origin: string, response: Response, { fetch }: Web): Promise<void> {
  if (!response.ok) throw await unexpected('a token', response)
  const { access_token: token }: { access_token?: string } = JSON.parse(await response.text())
  const settings = await fetch(origin + SETTINGS, { headers: { authorization: `Bearer ${token}` } })
  if (!settings.ok) throw await unexpected('settings with that token', settings)
}

const unexpected = async (what: string, response: Response) =>
  new StartFailure(
    `the Worker is deployed, but ${what} answers ${response.status}: ${(await response.text()).slice(0, 300)}`,
  )
