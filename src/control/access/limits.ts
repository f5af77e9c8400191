// What a team's key may hold.
import * as z from 'zod/mini'

const number = (most: number, otherwise: number) => z._default(z.int().check(z.minimum(1), z.maximum(most)), otherwise)

export const KeyLimits = z.object({
  /** Tenants that there are at the same time. */
  tenants: number(1000, 100),
  /** Rows that each of them holds. */
  rows: number(10_000_000, 100_000),
  /** Rows that one request writes. */
  rowsAtOnce: number(1_000_000, 20_000),
  /** The longest time to live of a tenant, which is that of one without `ttl` as well. In seconds. */
  ttl: number(31_536_000, 604_800),
})
export type KeyLimits = z.infer<typeof KeyLimits>
