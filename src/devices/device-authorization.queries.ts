// Keeps a device code for the client that asks for one.
import { sql } from 'drizzle-orm'
import { clients } from '../connect/client.table.ts'
import { insertSelect } from '../database/query-builder.ts'
import { statement } from '../database/statement.ts'
import { grants } from '../grants/grant.table.ts'
import { clockOf } from '../partitions/clock.ts'

export interface DeviceCode {
  client: string
  /** The hash of the secret that was sent. */
  secretHash: string
  grantType: string
  /** The scopes that are asked for, as a JSON array; empty for all that the client may ask for. */
  asked: string
  hash: string
  userCodeHash: string
  family: string
  details: string
  /** The real time, in milliseconds since the epoch. */
  now: number
  /** In milliseconds. */
  lifetime: number
  removeAt: number
}

/** Keeps nothing where the client may not have the code, or another one has the same code for its user. */
export const insertDeviceCode = statement<DeviceCode, { kind: string }>(
  (v, row) =>
    sql`${insertSelect(
      grants,
      {
        handleHash: v.hash,
        kind: sql`'device_code'`,
        userCodeHash: v.userCodeHash,
        partitionId: clients.partitionId,
        clientId: clients.id,
        family: v.family,
        scopes: sql`coalesce((select group_concat(value, ' ') from json_each(${v.asked})),
        ${clients.scopes} || ' offline_access')`,
        details: v.details,
        createdAt: clockOf(clients.partitionId, sql`${v.now}`),
        expiresAt: sql`${clockOf(clients.partitionId, sql`${v.now}`)} + ${v.lifetime}`,
        removeAt: v.removeAt,
      },
      sql`from ${clients} where ${clients.id} = ${v.client} and ${clients.secretHash} in (${v.secretHash}, '')
      and instr(' ' || ${clients.grantTypes} || ' ', ' ' || ${v.grantType} || ' ') > 0
      and not exists (select 1 from json_each(${v.asked}) asked
        where instr(' ' || ${clients.scopes} || ' offline_access ', ' ' || asked.value || ' ') = 0)`,
    )} on conflict do nothing returning ${row({ kind: grants.kind })}`,
)
