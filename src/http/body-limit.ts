// The limit on the size of a request's body.
import type { Context } from 'hono'
import { Refusal } from './refusal.ts'

/** Larger bodies are refused with 413. In bytes. Assumed; the platform's own limits are far above. */
export const MAX_BODY = 1024 * 1024

/**
 * Refuses with 413 a body larger than `maxSize`, without reading more of it than that. One that does not say its length is
 * read here. What is left of a refused one can still be read: a client that goes on sending may have to be heard out.
 */
export function limitTo(maxSize: number) {
  return async (c: Context): Promise<void> => {
    const { raw } = c.req
    const length = c.req.header('Content-Length')
    if (length !== undefined && c.req.header('Transfer-Encoding') === undefined) {
      if (Number.parseInt(length, 10) > maxSize) throw new Refusal({ is: 'tooLarge' })
    } else if (raw.body !== null) {
      c.req.raw = new Request(raw, { body: await readUpTo(raw.body, maxSize) })
    }
  }
}

/** Refuses with 413 a body larger than {@link MAX_BODY}. */
export const limitBody = limitTo(MAX_BODY)

async function readUpTo(body: ReadableStream<Uint8Array>, maxSize: number): Promise<Uint8Array> {
  const reader = body.getReader()
  let buffer = new Uint8Array(0)
  let size = 0
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return buffer.subarray(0, size)
      const begin = size
      size += value.byteLength
      if (size > maxSize) throw new Refusal({ is: 'tooLarge' })
      if (size > buffer.byteLength) {
        const grown = new Uint8Array(Math.min(maxSize, Math.max(size, buffer.byteLength * 2)))
        grown.set(buffer.subarray(0, begin))
        buffer = grown
      }
      buffer.set(value, begin)
    }
  } finally {
    reader.releaseLock()
  }
}
