// Faults on the wire: which requests they meet, and what becomes of those.
import * as z from 'zod/mini'
import { oneOf } from '../http/one-of.ts'
import { MethodName, OperationName } from './operation-names.ts'

/** The longest wait a fault or a preference can ask for. In milliseconds. */
export const MAX_DELAY = 30_000

const milliseconds = z.int().check(z.minimum(0), z.maximum(MAX_DELAY))

/** What becomes of a request. Each but the first leaves nothing of the answer as it was. */
export const FAULT_KINDS = ['status', 'drop', 'truncate', 'malformed', 'rateLimit'] as const

export const WriteFault = z.object({
  /** By the operation's name in the OpenAPI document, such as `Group_UpdateGroup`. */
  operation: z.optional(OperationName),
  method: z.optional(MethodName),
  kind: z.optional(oneOf('kind', FAULT_KINDS)),
  status: z.optional(z.int().check(z.minimum(200), z.maximum(599))),
  /** Text as it is, anything else as JSON. */
  body: z.optional(z.unknown()),
  headers: z.optional(
    z.record(
      z.string().check(z.regex(/^[\w!#$%&'*+.^`|~-]{1,100}$/)),
      z.string().check(z.regex(/^[\t\x20-\x7e]{0,1000}$/)),
    ),
  ),
  /** In milliseconds; of a range, any. */
  delay: z.optional(z.union([milliseconds, z.object({ min: milliseconds, max: milliseconds })])),
  /** How many requests it meets; without, all. */
  times: z.optional(z.int().check(z.minimum(1), z.maximum(1_000_000))),
  /** How likely it is that a request it meets fails. */
  probability: z.optional(z.number().check(z.minimum(0), z.maximum(1))),
  /** The same seed fails the same requests of those it meets. */
  seed: z.optional(z.int()),
  /** In seconds. */
  ttl: z.optional(z.int().check(z.minimum(1), z.maximum(2_592_000))),
  /** Of a rate limit: requests in five minutes, of each method. Without, the real service's. */
  limit: z.optional(z.int().check(z.minimum(0), z.maximum(1_000_000))),
})
export type WriteFault = z.infer<typeof WriteFault>

/** A fault as it is kept. */
export type Fault = WriteFault & {
  readonly id: string
  readonly seed: number
  /** Milliseconds since the epoch. */
  readonly expiresAt: number | null
  /** How many requests it met when this was read. */
  readonly hits: number
}

export const FaultAnswer = z.looseObject({ id: z.string(), hits: z.int() })
