// workerd closes the connection when a Worker answers without having read the request's body. A client that is still sending
// then gets a reset (EPIPE, ECONNRESET) in place of the answer. A deployment stands behind Cloudflare's proxy, which reads
// the body itself.
import type { Fetch } from '../http/edge.ts'

/** Of longer bodies the rest is left unread. In bytes; well above the limit on bodies, so that their 413 arrives too. */
const MAX_DRAINED = 16 * 1024 * 1024

/** How long an answer waits for its client to have sent the rest. In milliseconds. */
export const MAX_WAIT = 10_000

/** Reads what `inner` has left of the request's body before its answer is sent. */
export function drainBody(inner: Fetch): Fetch {
  return (request, env, context) => {
    const answered = inner(request, env, context)
    return request.body === null ? answered : drained(request, answered)
  }
}

async function drained(request: Request, answered: Response | Promise<Response>): Promise<Response> {
  const response = await answered
  // A body that was read to its end counts as used, and so does the one of which the limit was read.
  const isLeft = !request.bodyUsed || response.status === TOO_LARGE
  if (isLeft && request.body !== null && !request.body.locked) await drain(request.body)
  return response
}

const TOO_LARGE = 413

/** Reads to the end, or until the client has sent too much or taken too long: one that never ends would hold the answer. */
async function drain(body: ReadableStream<Uint8Array>) {
  const reader = body.getReader()
  const waited = setTimeout(() => void reader.cancel().catch(() => {}), MAX_WAIT)
  try {
    for (let read = 0; read <= MAX_DRAINED; ) {
      const { done, value } = await reader.read()
      if (done) return
      read += value.byteLength
    }
    await reader.cancel()
  } catch {
    // The client has gone: nobody waits for the answer.
  } finally {
    clearTimeout(waited)
  }
}
