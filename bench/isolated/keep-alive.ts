// HTTP calls as a test makes them: JSON over connections that are kept open.
import { Agent, request } from 'node:http'
import { text } from 'node:stream/consumers'

/** As many connections as calls at once. Idle ones are closed before any server does: one that just has would reset the call. */
const agent = new Agent({ keepAlive: true, maxSockets: 200, timeout: 3000 })

export interface Call {
  readonly method: string
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/** Sends a call and returns the answer's body. @throws Error for every status from 300 */
export async function send(origin: string, { method, path, headers = {}, body }: Call): Promise<string> {
  const { status, answer } = await new Promise<{ status: number; answer: Promise<string> }>((resolve, reject) => {
    const call = request(`${origin}${path}`, { method, headers, agent })
    call.once('response', (response) => resolve({ status: response.statusCode ?? 0, answer: text(response) }))
    call.once('error', reject)
    call.end(body)
  })
  const said = await answer
  if (status >= 300) throw new Error(`${method} ${path} answered ${status}: ${said.slice(0, 200)}`)
  return said
}

/** Sends JSON and returns the answer, which the caller types. */
export async function sendJson<Answer>(
  origin: string,
  method: string,
  path: string,
  body?: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const type = body === undefined ? {} : { 'content-type': 'application/json' }
  const said = await send(origin, {
    method,
    path,
    headers: { ...type, ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  return (said === '' ? undefined : JSON.parse(said)) as Answer
}
