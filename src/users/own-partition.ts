// The partition of requests that name none.
import type { Context } from 'hono'
import type { CallerEnv } from '../auth/require-scope.ts'
import { HOST_PARTITION } from '../partitions/partition.table.ts'

/** The partition the caller's token was issued for. */
export const ownPartition = (c: Context<CallerEnv>): string => c.var.principal.partition ?? HOST_PARTITION
