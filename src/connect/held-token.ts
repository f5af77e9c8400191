// A token that a client presents to ask about it, or to end it: an access token or a refresh token of its own.
import type { Context } from 'hono'
import { decodeJwt, type JWTPayload } from 'jose'
import { presentedTo } from '../auth/authorize.ts'
import { partitionOf } from '../auth/principal.ts'
import { InvalidToken, verifiedClaims } from '../auth/token-claims.ts'
import { bind } from '../database/bound.ts'
import { databaseOf, MAIN } from '../database/placement.ts'
import { type AppEnv, openMain, openPartition } from '../database/session.ts'
import { type PresentedRow, type Proven, revokeGrant, selectPresented } from '../grants/grant.queries.ts'
import { realTime } from '../http/timestamp.ts'
import { isExpired } from '../partitions/expiry.ts'
import { HOST_PARTITION } from '../partitions/partition.table.ts'
import { readHandle } from '../secrets/handle.ts'
import { selectTokenUser, type TokenUser } from '../users/token-user.queries.ts'
import { refuseUnlessAuthentic, requireClientId } from './authenticate-client.ts'
import { type ClientRow, selectClient } from './client.queries.ts'
import type { Credentials } from './client-credentials.ts'
import { hashSecret } from './client-secret.ts'
import { enterTenant } from './enter-tenant.ts'
import { orderScopes } from './user-tokens.ts'

const REFRESH_TOKEN = 'refresh_token'

/** The claims of a token, with its kind, and whom they are told. */
export interface Held {
  readonly clientId: string
  /** Undefined for a token that does not hold, or is another client's. */
  readonly claims: JWTPayload | undefined
}

/**
 * What is in the token that the client presents. One round trip.
 * @throws TokenRefusal for a client that does not authenticate itself
 */
export async function readHeldToken(c: Context<AppEnv>, credentials: Credentials, token: string): Promise<Held> {
  const hash = await readHandle(c.env, REFRESH_TOKEN, token)
  return hash === undefined ? readAccessToken(c, credentials, token) : readRefreshToken(c, credentials, hash)
}

async function readRefreshToken(c: Context<AppEnv>, credentials: Credentials, hash: string): Promise<Held> {
  const client = requireClientId(credentials)
  const row = await openMain(c).first(selectPresented, { hash, kind: REFRESH_TOKEN, client })
  const presented = await enterGrant(c, credentials, row)
  return { clientId: presented.id, claims: holds(c, presented) ? claimsOf(presented) : undefined }
}

/** The row, once its client has proven itself. From here on the request is about the grant's tenant, or the client's. */
async function enterGrant(c: Context<AppEnv>, credentials: Credentials, row: PresentedRow | undefined) {
  const presented = await refuseUnlessAuthentic(c.env, credentials, row && { ...row, expiresAt: row.clientExpiresAt })
  const revision = presented.revision ?? 0
  await enterTenant(c, { ...presented, revision, partitionId: presented.grantPartition ?? presented.partitionId })
  return presented
}

const timeOf = (c: Context<AppEnv>) => (c.get('control')?.now() ?? realTime()).milliseconds

const holds = (c: Context<AppEnv>, { holdsUntil, consumedAt, isActive, grantExpiresAt }: PresentedRow) =>
  holdsUntil !== null &&
  holdsUntil > timeOf(c) &&
  consumedAt === null &&
  Boolean(isActive) &&
  !isExpired({ expiresAt: grantExpiresAt })

/** Real server: these, in this order (the framework's source). */
const claimsOf = ({ id, issuedAt, holdsUntil, user, grantedScopes }: PresentedRow): JWTPayload => ({
  client_id: id,
  token_type: REFRESH_TOKEN,
  iat: Math.floor((issuedAt ?? 0) / 1000),
  exp: Math.floor((holdsUntil ?? 0) / 1000),
  ...(user !== null && { sub: user }),
  scope: orderScopes(grantedScopes?.split(' ') ?? []),
})

async function readAccessToken(c: Context<AppEnv>, credentials: Credentials, token: string): Promise<Held> {
  const id = requireClientId(credentials)
  const said = decoded(token)
  const subject = { partition: said && partitionOf(said), user: said?.['sub_type'] === 'user' ? said.sub : undefined }
  const [[row], user] = await findClientAndUser(c, id, subject)
  const client = await refuseUnlessAuthentic(c.env, credentials, row)
  await enterTenant(c, client)
  const claims = await verified(c, token)
  // Real server: a client sees its own tokens alone, and none of a user who is deactivated (the framework's source).
  const isOwn = claims?.['client_id'] === client.id && isOf(client, claims)
  const isActive = subject.user === undefined || user?.isActive === true
  return { clientId: client.id, claims: isOwn && isActive ? { ...claims, token_type: 'access_token' } : undefined }
}

/** Clients of the host partition have users of every other. */
const isOf = ({ partitionId }: ClientRow, claims: JWTPayload) =>
  partitionId === HOST_PARTITION || partitionOf(claims)?.toLowerCase() === partitionId.toLowerCase()

interface Subject {
  readonly partition: string | undefined
  readonly user: string | undefined
}

/** The client, and the user that an unverified token names. Two round trips if they are in two databases. */
async function findClientAndUser(
  c: Context<AppEnv>,
  client: string,
  { partition, user }: Subject,
): Promise<[ClientRow[], TokenUser | undefined]> {
  const main = openMain(c)
  if (partition === undefined || user === undefined) return [await main.all(selectClient, { client }), undefined]
  if (databaseOf(c.env, partition).name !== MAIN) {
    const found = await openPartition(c, partition, 'current').first(selectTokenUser, { partition, user })
    return [await main.all(selectClient, { client }), found]
  }
  const [clients, [found]] = await main.batch(
    bind(selectClient, { client }),
    bind(selectTokenUser, { partition, user }),
  )
  return [clients, found]
}

function decoded(token: string): JWTPayload | undefined {
  try {
    return decodeJwt(token)
  } catch {
    return undefined
  }
}

async function verified(c: Context<AppEnv>, token: string): Promise<JWTPayload | undefined> {
  try {
    return await verifiedClaims(c.env, presentedTo(c, token))
  } catch (error) {
    if (error instanceof InvalidToken) return undefined
    throw error
  }
}

/**
 * Ends a refresh token, with all that descend from the same sign-in. Real server: any other token is passed over, an access
 * token too (the framework's source). One round trip; two if a fault may be met before.
 * @throws TokenRefusal for a client that does not authenticate itself
 */
export async function revokeToken(c: Context<AppEnv>, credentials: Credentials, token: string) {
  const client = requireClientId(credentials)
  const hash = await readHandle(c.env, REFRESH_TOKEN, token)
  if (hash === undefined) return enterTenant(c, await authentic(c, credentials))
  const secretHash = await hashSecret(credentials.client_secret ?? '')
  const presented = { hash, kind: REFRESH_TOKEN, client, secretHash }
  const row = await revoke(c, presented, false)
  const entered = await enterGrant(c, credentials, row)
  if (entered.hasFaults) await revoke(c, presented, true)
}

const authentic = async (c: Context<AppEnv>, credentials: Credentials) =>
  refuseUnlessAuthentic(
    c.env,
    credentials,
    await openMain(c).first(selectClient, { client: requireClientId(credentials) }),
  )

/** The row of the grant as it was before. @param met whether faults have been met already */
async function revoke(c: Context<AppEnv>, presented: Proven, met: boolean): Promise<PresentedRow | undefined> {
  const [[row]] = await openMain(c).batch(bind(selectPresented, presented), bind(revokeGrant, { ...presented, met }))
  return row
}
