// The schema of a fault: which requests it applies to, and what it does to them.
import * as z from 'zod/mini'
import { oneOf } from '../../http/one-of.ts'
import { MethodName, OperationName } from './operation-names.ts'

/** The longest wait a fault or a preference can ask for. In milliseconds. */
export const MAX_DELAY = 30_000

const milliseconds = z.int().check(z.minimum(0), z.maximum(MAX_DELAY))

/** The kinds of faults. One without a kind, status and body only delays the answer. */
export const FAULT_KINDS = ['status', 'drop', 'truncate', 'malformed', 'rateLimit'] as const

export const WriteFault = z.object({
  /** The name of an operation in the OpenAPI document, such as `Group_UpdateGroup`; left out, it applies to all. */
  operation: z.optional(OperationName),
  method: z.optional(MethodName),
  kind: z.optional(oneOf('kind', FAULT_KINDS)),
  status: z.optional(z.int().check(z.minimum(200), z.maximum(599))),
  /** A text is sent as it is, anything else as JSON. */
  body: z.optional(z.unknown()),
  headers: z.optional(
    z.record(
      z.string().check(z.regex(/^[\w!#$%&'*+.^`|~-]{1,100}$/)),
      z.string().check(z.regex(/^[\t\x20-\x7e]{0,1000}$/)),
    ),
  ),
  /** In milliseconds; of a range, a random one for each request. */
  delay: z.optional(z.union([milliseconds, z.object({ min: milliseconds, max: milliseconds })])),
  /** How many requests it applies to; left out, to all. */
  times: z.optional(z.int().check(z.minimum(1), z.maximum(1_000_000))),
  /** How likely it is that a request it applies to fails. */
  probability: z.optional(z.number().check(z.minimum(0), z.maximum(1))),
  /** Seeds the random numbers that `probability` is compared with: with the same seed, the same ones in a row of requests fail. */
  seed: z.optional(z.int()),
  /** How long it stays armed, in seconds; left out, until it is disarmed. */
  ttl: z.optional(z.int().check(z.minimum(1), z.maximum(2_592_000))),
  /** Of a rate limit: requests of each method in five minutes; left out, as many as the real service allows. */
  limit: z.optional(z.int().check(z.minimum(0), z.maximum(1_000_000))),
})
export type WriteFault = z.infer<typeof WriteFault>

/** A fault as it is stored. */
export type Fault = WriteFault & {
  readonly id: string
  readonly seed: number
  /** Milliseconds since the epoch. */
  readonly expiresAt: number | null
  /** How many requests it had been applied to when this was read. */
  readonly hits: number
}

export const FaultAnswer = z.looseObject({ id: z.string(), hits: z.int() })
