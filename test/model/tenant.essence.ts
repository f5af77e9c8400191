// What of an answer a model can know: no texts, no times, no numbers the server makes up, no order of properties.
import * as z from 'zod/mini'

const Errors = z.array(z.object({ code: z.string(), description: z.string() }))
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{0,6}[1-9])?$/

export function essence(body: unknown): unknown {
  if (Array.isArray(body)) return body.map(essence)
  if (typeof body !== 'object' || body === null) return body
  const entries = new Map<string, unknown>(Object.entries(body))
  if (entries.has('errorMessage')) return { errorMessage: 'text' }
  if (entries.has('traceId')) return { problem: Object.keys(entries.get('errors') ?? {}).sort() }
  if (entries.has('succeeded')) {
    const codes = Errors.parse(entries.get('errors')).map(({ code }) => code)
    return { succeeded: entries.get('succeeded'), codes: [...new Set(codes)].sort() }
  }
  return Object.fromEntries([...entries].map(([name, value]) => [name, essenceOf(name, value)]))
}

function essenceOf(name: string, value: unknown): unknown {
  if (name.endsWith('Time')) return typeof value === 'string' && INSTANT.test(value) ? 'time' : value
  return name === 'legacyId' ? typeof value : essence(value)
}

/** Whether both are the same but for the order of properties. */
export const matches = (found: unknown, expected: unknown) =>
  JSON.stringify(sorted(found)) === JSON.stringify(sorted(expected))

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1))
  return Object.fromEntries(entries.map(([name, inner]) => [name, sorted(inner)]))
}
