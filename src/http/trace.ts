// The trace that a request belongs to (W3C Trace Context): the caller's, or a new one.

export interface TraceVariables {
  /** The request's `traceparent`. */
  traceparent?: string
}

/** Headers in which a trace travels. Real server: its TypeScript client sends both (observed). */
export const TRACE_HEADERS = ['traceparent', 'x-uipath-traceparent-id'] as const

// Versions after 00 may have more fields behind the flags. Version ff, and ids that are all zeros, are invalid.
const VALID =
  /^(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(?:$|(?<!^00.{53})-[\w-]{1,200}$)/

/** The trace in the request's headers; a new one if they hold no valid trace; undefined if they hold none at all. */
export function traceOf(header: (name: string) => string | undefined): string | undefined {
  const [first, second] = TRACE_HEADERS
  const [one, other] = [header(first), header(second)]
  if (one === undefined && other === undefined) return undefined
  return [one, other].find((text) => text !== undefined && VALID.test(text)) ?? newTrace()
}

/** The `traceparent` of a new trace. @param flags `01`: it is recorded */
export const newTrace = (flags = '01') => `00-${hex(16)}-${hex(8)}-${flags}`

/** The id of the trace, which all its requests share. */
export const traceIdOf = (traceparent: string) => traceparent.slice(3, 35)

function hex(bytes: number): string {
  const random = crypto.getRandomValues(new Uint8Array(bytes))
  return Array.from(random, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
