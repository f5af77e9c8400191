// Cloudflare's REST API, called with wrangler's own login. What wrangler has a command for that does more than one call
// (bundles, migrations, the upload, exports) is left to wrangler: each start of it costs two seconds, a call does not.
import { messageOf } from '../error-details.ts'
import { StartFailure } from '../start-failure.ts'
import { adviceOn } from './advice.ts'

const BASE_URL = 'https://api.cloudflare.com/client/v4'

/** After this long a call counts as cut off. Statements of D1 end after 30 s. */
const TIMEOUT_MS = 60_000

/** An error status of the API, with the codes of its errors. */
export class ApiFailure extends StartFailure {
  readonly status: number
  readonly codes: readonly number[]

  constructor(message: string, status: number, codes: readonly number[]) {
    super(message)
    this.status = status
    this.codes = codes
  }
}

interface Envelope<Result> {
  success?: boolean
  result: Result
  errors?: { code: number; message: string }[]
}

/** The headers of the caller's credentials. */
export type Credentials = Readonly<Record<string, string>>

/**
 * Sends one call to the API. `Result` is the shape that Cloudflare's schema gives for the path.
 * @throws ApiFailure for an error status, and for an answer that is no success or has no result; StartFailure when no answer comes
 */
export async function callApi<Result>(
  method: string,
  path: string,
  credentials: Credentials,
  json?: object,
): Promise<Result> {
  const call = `${method} ${path.replace(/^accounts\/[^/]+\//, '')}`
  const { status, ok, text } = await send(method, path, credentials, json).catch((error: unknown) => {
    throw new StartFailure(`Cloudflare's API gives no answer (${call}): ${messageOf(error)}`)
  })
  const answer = envelopeOf<Result>(text)
  // What is removed has no result. Elsewhere null stands for nothing: taken for an absence it would make secrets anew.
  if (ok && answer?.success && (answer.result !== null || method === 'DELETE')) return answer.result
  const errors = answer?.errors ?? []
  const said = errors.map(({ code, message }) => `${message} [code: ${code}]`).join('; ') || text.slice(0, 200)
  const codes = errors.map(({ code }) => code)
  throw new ApiFailure(`Cloudflare's API answers ${call} with ${status}: ${said}${adviceOn(said)}`, status, codes)
}

async function send(method: string, path: string, credentials: Credentials, json?: object) {
  const response = await fetch(`${process.env['CLOUDFLARE_API_BASE_URL'] || BASE_URL}/${path}`, {
    method,
    headers: { ...credentials, ...(json && { 'content-type': 'application/json' }) },
    ...(json && { body: JSON.stringify(json) }),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  })
  return { status: response.status, ok: response.ok, text: await response.text() }
}

/** Undefined for what is no JSON, as a gateway's error page. */
function envelopeOf<Result>(text: string): Envelope<Result> | null | undefined {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
