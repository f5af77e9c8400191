// One HTTP call with node:http. Not with `fetch`, for three reasons: it refuses the ports on its list of unsafe ones, it
// hangs under a test's fake timers, and tests replace it by a mock.
import type { IncomingMessage, RequestOptions } from 'node:http'
import { text } from 'node:stream/consumers'
import { Agent, request, SecureAgent, secureRequest } from '../runtime/http.ts'

// An idle kept-alive connection of these agents does not keep the process from ending.
const agent = new Agent({ keepAlive: true })
const secureAgent = new SecureAgent({ keepAlive: true })

export interface Exchange {
  method: string
  headers: Record<string, string>
  body: string | undefined
  signal: AbortSignal | undefined
  /** The certificate to trust, as PEM; undefined for those that Node does. */
  ca?: string | undefined
}

export interface Answer {
  status: number
  body: string
}

export async function exchange(url: URL, { body, ...options }: Exchange): Promise<Answer> {
  const { response, lost } = await send(url, options, body)
  // A reset on a reused connection means that the server closed it while it was idle, before it read the request: a new
  // connection is tried once.
  const answered = lost ? (await send(url, options, body)).response : response
  if (!answered) throw new Error(`${url.origin} hung up`)
  return { status: answered.statusCode ?? 0, body: await text(answered) }
}

type Sent = { response: IncomingMessage; lost: false } | { response: undefined; lost: true }

function send(url: URL, { signal, ca, ...rest }: Omit<Exchange, 'body'>, body: string | undefined): Promise<Sent> {
  const secure = url.protocol === 'https:'
  const options: RequestOptions & { ca?: string } = {
    ...rest,
    ...(signal && { signal }),
    ...(ca !== undefined && { ca }),
    agent: secure ? secureAgent : agent,
  }
  return new Promise((resolve, reject) => {
    const call = (secure ? secureRequest : request)(url.href, options)
    call.once('response', (response) => resolve({ response, lost: false }))
    call.on('error', (error) => {
      const reset = 'code' in error && error.code === 'ECONNRESET'
      if (reset && call.reusedSocket) resolve({ response: undefined, lost: true })
      else reject(error)
    })
    call.end(body)
  })
}
