// Statements about grants: one is kept, used, handed on to a refresh token, or ended with all that descend from it.
import { eq, sql } from 'drizzle-orm'
import { alias } from 'drizzle-orm/sqlite-core'
import { type ClientRow, clientFields } from '../connect/client.queries.ts'
import { clients } from '../connect/client.table.ts'
import { faults, tenantControls, tenants } from '../control/control.table.ts'
import { deleteFrom, insertInto, insertSelect, nameOf, select } from '../database/query-builder.ts'
import { type Slots, statement } from '../database/statement.ts'
import { directoryEntities } from '../directory/directory.table.ts'
import { clockOf } from '../partitions/clock.ts'
import { type TokenUser, tokenUserFields } from '../users/token-user.queries.ts'
import { users } from '../users/user.table.ts'
import { grants } from './grant.table.ts'
import type { GrantDetails } from './grant-details.ts'

/** A new row, by the tenant's clock. */
export type GrantValues = Pick<
  Required<typeof grants.$inferInsert>,
  | ('handleHash' | 'kind' | 'userCodeHash' | 'partitionId' | 'clientId' | 'userId' | 'sessionId' | 'family')
  | ('scopes' | 'details' | 'createdAt' | 'expiresAt' | 'removeAt')
>

export const insertGrant = statement((v: Slots<GrantValues>) =>
  insertInto(grants).values({
    handleHash: v.handleHash,
    kind: v.kind,
    userCodeHash: v.userCodeHash,
    partitionId: v.partitionId,
    clientId: v.clientId,
    userId: v.userId,
    sessionId: v.sessionId,
    family: v.family,
    scopes: v.scopes,
    details: v.details,
    createdAt: v.createdAt,
    expiresAt: v.expiresAt,
    removeAt: v.removeAt,
  }),
)

/** A handle as a client presents it, by its hash. */
export type Presented = { hash: string; kind: string; client: string }

type Found<Row> = { [Column in keyof Row]: Row[Column] | null }

/** The client, the grant it presents as it was before, and its user. What there is not is null. */
export type PresentedRow = Omit<ClientRow, 'revision' | 'expiresAt'> & {
  clientExpiresAt: number | null
} & Found<{
    grantPartition: string
    sessionId: string
    family: string
    grantedScopes: string
    details: string
    issuedAt: number
    holdsUntil: number
    consumedAt: number
    /** The revision of what is armed for the grant's partition. */
    revision: number
    /** When the time of the grant's tenant is over. */
    grantExpiresAt: number
    user: string
  }> &
  Found<Omit<TokenUser, 'id' | 'emailConfirmed' | 'isActive'>> & {
    userRow: string | null
    emailConfirmed: boolean | null
    isActive: boolean | null
    /** 1 where a fault may answer the request: it is met before the grant is used. */
    hasFaults: number
  }

const { id: userRow, ...userFields } = tokenUserFields
const { revision: _, expiresAt: clientExpiresAt, ...ownFields } = clientFields

/** Selects nothing if the client is unknown. */
export const selectPresented = statement<Presented, PresentedRow>(
  (v, row) => sql`
    select ${row({
      ...ownFields,
      clientExpiresAt,
      grantPartition: grants.partitionId,
      sessionId: grants.sessionId,
      family: grants.family,
      grantedScopes: grants.scopes,
      details: grants.details,
      issuedAt: grants.createdAt,
      holdsUntil: grants.expiresAt,
      consumedAt: grants.consumedAt,
      revision: sql<number>`coalesce((select ${tenantControls.revision} from ${tenantControls}
        where ${tenantControls.partitionId} = ${grants.partitionId}), 0)`,
      grantExpiresAt: sql<number | null>`(select ${tenants.expiresAt} from ${tenants}
        where ${tenants.partitionId} = ${grants.partitionId})`,
      user: grants.userId,
      userRow,
      ...userFields,
      hasFaults: sql<number>`exists (select 1 from ${faults} where ${faults.partitionId} = ${grants.partitionId})`,
    })}
    from ${clients}
    left join ${grants} on ${grants.handleHash} = ${v.hash} and ${grants.kind} = ${v.kind}
      and ${grants.clientId} = ${clients.id}
    left join ${directoryEntities} on ${directoryEntities.partitionId} = ${grants.partitionId}
      and ${directoryEntities.type} = 0 and ${directoryEntities.id} = ${grants.userId}
    left join ${users} on ${users.entitySeq} = ${directoryEntities.seq}
    where ${clients.id} = ${v.client}`,
)

/** A handle, and the hash of the secret that was sent beside it: whoever knows the client's may use the grant. */
export type Proven = Presented & { secretHash: string }

/** The use of a grant. */
export type Use = Proven & {
  /** Random: the statements that follow compare it. */
  stamp: string
  /** The real time, in milliseconds since the epoch. */
  now: number
  /** The time by the tenant's clock, if it is known already. */
  clock: number | null
  /** Whether faults have been met already. */
  met: boolean
  /** The scopes that are asked for, as a JSON array: of those granted. */
  asked: string
}

const clock = (v: Slots<Pick<Use, 'now' | 'clock'>>) =>
  sql`coalesce(${v.clock}, ${clockOf(grants.partitionId, sql`${v.now}`)})`

const isProven = (v: Slots<Proven>) => sql`exists (select 1 from ${clients} where ${clients.id} = ${v.client}
  and ${clients.secretHash} in (${v.secretHash}, ''))`

/** How long a device has to wait between two requests. Real server: this (its framework's default). In seconds. */
export const POLL_INTERVAL = 5

const detail = (name: keyof GrantDetails) => sql`${grants.details} ->> ${sql.raw(`'$.${name}'`)}`

/** Marks a grant as used, if it is unused, in its time, and of a user, who of a device has answered. One statement, so that of many at once one does it. */
export const useGrant = statement<Use, { consumedBy: string | null }>(
  (v, row) => sql`
    update ${grants} set ${nameOf(grants.consumedAt)} = ${clock(v)}, ${nameOf(grants.consumedBy)} = ${v.stamp}
    where ${grants.handleHash} = ${v.hash} and ${grants.kind} = ${v.kind} and ${grants.clientId} = ${v.client}
      and ${grants.consumedAt} is null and ${grants.expiresAt} > ${clock(v)}
      and ${isProven(v)}
      and ${grants.userId} is not null and ${detail('denied')} is null
      and (${detail('polledAt')} is null or ${detail('polledAt')} + ${sql.raw(String(POLL_INTERVAL * 1000))} <= ${clock(v)})
      and not exists (select 1 from json_each(${v.asked}) asked
        where instr(' ' || ${grants.scopes} || ' ', ' ' || asked.value || ' ') = 0)
      and (${v.met} or not exists (select 1 from ${faults} where ${faults.partitionId} = ${grants.partitionId}))
    returning ${row({ consumedBy: grants.consumedBy })}`,
)

/** Notes when a device asked last. */
export const notePoll = statement<Use>(
  (v) => sql`
    update ${grants} set ${nameOf(grants.details)} = json_set(${grants.details}, '$.polledAt', ${clock(v)})
    where ${grants.handleHash} = ${v.hash} and ${grants.kind} = ${v.kind} and ${grants.clientId} = ${v.client}
      and ${isProven(v)}
      and (${v.met} or not exists (select 1 from ${faults} where ${faults.partitionId} = ${grants.partitionId}))`,
)

export type Descent = Pick<Use, 'hash' | 'stamp' | 'now' | 'clock'> & {
  newHash: string
  /** In milliseconds. */
  lifetime: number
  removeAt: number
}

/** Keeps the refresh token that a used grant is exchanged for, if its user granted `offline_access`. */
export const descend = statement<Descent>((v) =>
  insertSelect(
    grants,
    {
      handleHash: v.newHash,
      kind: sql`'refresh_token'`,
      partitionId: grants.partitionId,
      clientId: grants.clientId,
      userId: grants.userId,
      sessionId: grants.sessionId,
      family: grants.family,
      scopes: grants.scopes,
      details: sql`json_remove(${grants.details}, '$.redirectUri', '$.codeChallenge', '$.nonce', '$.polledAt')`,
      createdAt: clock(v),
      expiresAt: sql`${clock(v)} + ${v.lifetime}`,
      removeAt: v.removeAt,
    },
    sql`from ${grants} where ${grants.handleHash} = ${v.hash} and ${grants.consumedBy} = ${v.stamp}
        and instr(' ' || ${grants.scopes} || ' ', ' offline_access ') > 0`,
  ),
)

/** The partition of a grant and who it is for, for callers that have to know before they use it. */
export const peekAtGrant = statement((v: Slots<Presented>) =>
  select({ partition: grants.partitionId, user: grants.userId, mayPrefer: clients.mayPrefer })
    .from(grants)
    .innerJoin(clients, eq(clients.id, grants.clientId))
    .where(sql`${grants.handleHash} = ${v.hash} and ${grants.kind} = ${v.kind} and ${clients.id} = ${v.client}`),
)

/** Ends a family: no refresh token that descends from the same sign-in can be used any more. */
export const deleteFamily = statement((v: Slots<{ family: string }>) =>
  deleteFrom(grants).where(sql`${grants.family} = ${v.family} and ${grants.consumedAt} is null`),
)

const revoked = alias(grants, 'revoked')

/** Ends the family of a handle, for the client that proves itself, unless a fault may answer the request. */
export const revokeGrant = statement((v: Slots<Proven & { met: boolean }>) =>
  deleteFrom(grants).where(
    sql`${grants.family} in (select ${revoked.family} from ${grants} ${revoked} where ${revoked.handleHash} = ${v.hash}
        and ${revoked.kind} = ${v.kind} and ${revoked.clientId} = ${v.client})
      and ${isProven(v)}
      and (${v.met} or not exists (select 1 from ${faults} where ${faults.partitionId} = ${grants.partitionId}))`,
  ),
)
