// What a tenant that is made with a team's key has from that key: its team, its limits, and a key of its own.
import { sql } from 'drizzle-orm'
import { failUnless, isAbortedBy } from '../../database/abort.ts'
import { type Bound, bind } from '../../database/bound.ts'
import { statement } from '../../database/statement.ts'
import { forbidden, invalid } from '../../http/refusal.ts'
import type { ControlCaller } from '../access/caller.ts'
import { insertKey } from '../access/key.queries.ts'
import { newKey, newKeyId } from '../access/key-format.ts'
import type { KeyLimits } from '../access/limits.ts'
import { tenants } from '../control.table.ts'
import type { TenantRow } from './tenants.ts'

export const holdingOf = ({ team, limits }: ControlCaller) => ({ team, maxRows: limits?.rows ?? null })

/** The time to live of a tenant, in seconds; undefined for ever. @throws Refusal 400 for more than the key allows */
export function lifetimeOf(ttl: number | undefined, limits: KeyLimits | null): number | undefined {
  if (limits && ttl !== undefined && ttl > limits.ttl) {
    throw invalid('ttl', `ttl is ${limits.ttl} seconds at most with this key.`)
  }
  return ttl ?? limits?.ttl
}

/** A key for that tenant alone, and the statement that keeps it. It ends with the key that it was made with. */
export async function newTenantKey({ id, kind, expiresAt }: ControlCaller, tenant: TenantRow) {
  const { key, hash } = await newKey('tenant')
  const parentId = kind === 'team' ? id : null
  const [partitionId, createdAt] = [tenant.id, tenant.createdAt ?? Date.now()]
  const ofTenant = { id: newKeyId(), hash, partitionId, parentId, team: tenant.team, limits: null }
  return { key, insert: insertKey({ ...ofTenant, createdAt, expiresAt }) }
}

const NO_ROOM = 'the key holds as many tenants as it may'

// It runs behind the insert, which it counts. The rows that it reads are as many as the key may hold.
const checkRoom = statement<{ key: string; now: number; most: number }, { room: number }>(
  (v, row) =>
    sql`select ${row({
      room: failUnless(
        sql`(select count(*) from ${tenants} where ${tenants.keyId} = ${v.key}
        and coalesce(${tenants.expiresAt} > ${v.now}, true)) <= ${v.most}`,
        NO_ROOM,
      ),
    })}`,
)

/** The statement that fails the batch of a new tenant if the caller's key may hold no more. */
export const requireRoom = ({ id, limits }: ControlCaller, now: number): Bound<unknown>[] =>
  limits ? [bind(checkRoom, { key: id, now, most: limits.tenants })] : []

/** The refusal for a batch that {@link requireRoom} failed. Any other error is returned as it is. */
export const explainRoom = (error: unknown): unknown =>
  isAbortedBy(error, NO_ROOM)
    ? forbidden('The key holds as many tenants as it may. Delete one, or wait until the time of one is over.')
    : error
