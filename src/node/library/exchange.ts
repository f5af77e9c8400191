// One HTTP call. Not `fetch`: it refuses a good many ports, comes to a stand under a test's fake timers, and is what tests
// put a stand-in for.
import { Agent, type IncomingMessage, type RequestOptions, request } from 'node:http'
import { Agent as SecureAgent, request as secureRequest } from 'node:https'
import { text } from 'node:stream/consumers'

// Connections that wait for their next call do not keep the process from ending.
const agent = new Agent({ keepAlive: true })
const secureAgent = new SecureAgent({ keepAlive: true })

export interface Exchange {
  method: string
  headers: Record<string, string>
  body: string | undefined
  signal: AbortSignal | undefined
}

export interface Answer {
  status: number
  body: string
}

export async function exchange(url: URL, { body, ...options }: Exchange): Promise<Answer> {
  const { response, lost } = await send(url, options, body)
  // The other side may hang up on a connection at the moment it is used again.
  const answered = lost ? (await send(url, options, body)).response : response
  if (!answered) throw new Error(`${url.origin} hung up`)
  return { status: answered.statusCode ?? 0, body: await text(answered) }
}

type Sent = { response: IncomingMessage; lost: false } | { response: undefined; lost: true }

function send(url: URL, { signal, ...rest }: Omit<Exchange, 'body'>, body: string | undefined): Promise<Sent> {
  const secure = url.protocol === 'https:'
  const options: RequestOptions = { ...rest, ...(signal ? { signal } : {}), agent: secure ? secureAgent : agent }
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
