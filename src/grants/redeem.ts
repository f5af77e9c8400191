// Redeems a code or a refresh token for a client: once, in the client's own batch, under the clock and the faults of the tenant
// that the grant turns out to be of.
import type { Context } from 'hono'
import { refuseUnlessAuthentic, requireClientId } from '../connect/authenticate-client.ts'
import { hashSecret } from '../connect/client-secret.ts'
import type { TokenRequest } from '../connect/connect.schema.ts'
import { TokenRefusal } from '../connect/token-refusal.ts'
import { bind } from '../database/bound.ts'
import { databaseOf, databasesOf, MAIN } from '../database/placement.ts'
import { type AppEnv, openMain, openPartition } from '../database/session.ts'
import { realTime } from '../http/timestamp.ts'
import { isExpired } from '../partitions/expiry.ts'
import { createHandle, readHandle } from '../secrets/handle.ts'
import { selectTokenUser, type TokenUser } from '../users/token-user.queries.ts'
import {
  deleteFamily,
  descend,
  notePoll,
  POLL_INTERVAL,
  type Presented,
  type PresentedRow,
  peekAtGrant,
  selectPresented,
  useGrant,
} from './grant.queries.ts'
import type { GrantDetails, GrantKind } from './grant-details.ts'

/** Real server: sixty days (documented). In milliseconds. */
export const REFRESH_LIFETIME = 60 * 86_400_000

/** How much longer than a grant's time its row is kept, as a tenant's clock may be set back. In milliseconds. */
export const KEPT_LONGER = 86_400_000

/** A handle used again this soon may be a client's second try and not a theft. Assumed. In milliseconds. */
const REUSE_GRACE = 10_000

/** A grant that its client has used just now. */
export interface Redeemed {
  readonly client: PresentedRow
  readonly partition: string
  readonly user: TokenUser
  readonly scopes: readonly string[]
  readonly details: GrantDetails
  readonly sessionId: string | null
  /** Where the user granted `offline_access`. */
  readonly refreshToken: string | undefined
  /** By the tenant's clock, in milliseconds since the epoch. */
  readonly now: number
}

export interface Redemption {
  readonly handle: string
  readonly request: TokenRequest
  /** The grant type that the client has to be registered with, if any. */
  readonly allowed?: string
  /** The scopes that are asked for, of those granted; none for all. */
  readonly asked?: readonly string[]
}

/**
 * Uses the grant behind `handle`, for the client that the request names and authenticates. One round trip; two if a fault
 * may be met before, or if the partition is in another database than the grant.
 *
 * @throws TokenRefusal `invalid_grant` for a handle that is forged, used, over, or another client's, `invalid_scope` for scopes that were not granted
 * @example
 * const { client, user, scopes } = await redeem(c, 'refresh_token', { handle: request.refresh_token, request })
 */
export async function redeem(
  c: Context<AppEnv>,
  kind: GrantKind,
  { handle, request, allowed, asked = [] }: Redemption,
): Promise<Redeemed> {
  const client_id = requireClientId(request)
  const hash = await readHandle(c.env, kind, handle)
  if (hash === undefined) throw new TokenRefusal('invalid_grant')
  const presented = { hash, kind, client: client_id }
  let met = await meetFaultsFirst(c, presented)
  let outcome = await useOnce(c, presented, { request, asked }, met)
  const { row } = outcome
  const client = await refuseUnlessAuthentic(c.env, request, row && { ...row, expiresAt: row.clientExpiresAt })
  if (allowed !== undefined && !client.grantTypes.split(' ').includes(allowed)) {
    throw new TokenRefusal('unauthorized_client')
  }
  const { grantPartition: partition, details, grantedScopes } = client
  if (partition === null || details === null || grantedScopes === null) throw new TokenRefusal('invalid_grant')
  const caller = { clientId: client.id, userId: client.user ?? undefined, mayPrefer: Boolean(client.mayPrefer) }
  await c.get('control')?.enter(partition, caller, client.revision ?? 0)
  if (client.hasFaults && !met) {
    met = true
    outcome = await useOnce(c, presented, { request, asked }, met)
  }
  c.get('timing')?.note({ client: client.id, partition })
  if (isExpired({ expiresAt: client.grantExpiresAt })) throw new TokenRefusal('invalid_grant')
  if (!asked.every((scope) => grantedScopes.split(' ').includes(scope))) throw new TokenRefusal('invalid_scope')
  if (!outcome.isUsed) await refuseUnused(c, kind, client)
  const user = await userOf(c, client, partition)
  if (!user?.isActive) throw new TokenRefusal('invalid_grant')
  const scopes = grantedScopes.split(' ')
  const refreshToken = scopes.includes('offline_access') ? outcome.next : undefined
  const parsed: GrantDetails = JSON.parse(details)
  return { client, partition, user, scopes, details: parsed, sessionId: client.sessionId, refreshToken, now: timeOf(c) }
}

const timeOf = (c: Context<AppEnv>) => (c.get('control')?.now() ?? realTime()).milliseconds

/**
 * Looks the grant up before it is used, where the request asks for a fault or the main database does not know what is armed
 * for all partitions: a fault that answers in place of the handler must not use the grant up.
 */
async function meetFaultsFirst(c: Context<AppEnv>, presented: Presented): Promise<boolean> {
  const control = c.get('control')
  if (!control || (databasesOf(c.env).length === 1 && c.req.header('Prefer') === undefined)) return false
  const found = await openMain(c).first(peekAtGrant, presented)
  if (!found) return false
  const { partition, user, mayPrefer } = found
  await control.enter(partition, { clientId: presented.client, userId: user ?? undefined, mayPrefer })
  return true
}

async function useOnce(
  c: Context<AppEnv>,
  presented: Presented,
  { request: { client_secret }, asked }: { request: TokenRequest; asked: readonly string[] },
  met: boolean,
) {
  const [next, secretHash] = await Promise.all([createHandle(c.env, 'refresh_token'), hashSecret(client_secret ?? '')])
  const now = Date.now()
  const use = {
    ...presented,
    secretHash,
    stamp: crypto.randomUUID(),
    now,
    clock: met ? timeOf(c) : null,
    met,
    asked: JSON.stringify(asked),
  }
  const removeAt = now + REFRESH_LIFETIME + KEPT_LONGER
  const [[row], used] = await openMain(c).batch(
    bind(selectPresented, presented),
    bind(useGrant, use),
    bind(descend, { ...use, newHash: next.hash, lifetime: REFRESH_LIFETIME, removeAt }),
    ...(presented.kind === 'device_code' ? [bind(notePoll, use)] : []),
  )
  return { row, isUsed: used.length > 0, next: next.text }
}

/** @throws TokenRefusal that says why a grant could not be used */
async function refuseUnused(c: Context<AppEnv>, kind: GrantKind, row: PresentedRow): Promise<never> {
  if (kind !== 'device_code' || row.consumedAt !== null) return refuseUsed(c, row)
  const { polledAt, denied }: GrantDetails = JSON.parse(row.details ?? '{}')
  const now = timeOf(c)
  // Real server: in this order (the framework's source).
  if (polledAt !== undefined && now < polledAt + POLL_INTERVAL * 1000) throw new TokenRefusal('slow_down')
  if (row.holdsUntil === null || row.holdsUntil <= now) throw new TokenRefusal('expired_token')
  throw new TokenRefusal(denied ? 'access_denied' : 'authorization_pending')
}

/** Ends the grant's family where its handle is used again and it cannot be a second try of the same client. */
async function refuseUsed(c: Context<AppEnv>, { consumedAt, family }: PresentedRow): Promise<never> {
  if (consumedAt !== null && family !== null && timeOf(c) - consumedAt > REUSE_GRACE) {
    await openMain(c).all(deleteFamily, { family })
  }
  throw new TokenRefusal('invalid_grant')
}

/** The grant's user as it is now; undefined if there is none any more. */
async function userOf(c: Context<AppEnv>, row: PresentedRow, partition: string): Promise<TokenUser | undefined> {
  if (row.user === null) return undefined
  if (databaseOf(c.env, partition).name !== MAIN) {
    return openPartition(c, partition, 'current').first(selectTokenUser, { partition, user: row.user })
  }
  const { userRow: id, userName, email, displayName, firstName, lastName } = row
  if (id === null || userName === null || email === null || displayName === null) return undefined
  const [emailConfirmed, isActive] = [Boolean(row.emailConfirmed), Boolean(row.isActive)]
  return { id, userName, email, emailConfirmed, firstName, lastName, displayName, isActive }
}
