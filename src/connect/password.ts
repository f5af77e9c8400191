// The grant type password: a user's tokens for the user's name and password, for clients that are registered with it.
import type { Context } from 'hono'
import { issuerOf } from '../auth/issuer.ts'
import { OFFLINE_ACCESS } from '../auth/scopes.ts'
import { type Bound, bind } from '../database/bound.ts'
import { databaseOf, MAIN } from '../database/placement.ts'
import { type AppEnv, openMain, openPartition } from '../database/session.ts'
import { keepGrant, type NewGrant } from '../grants/keep-grant.ts'
import { REFRESH_LIFETIME } from '../grants/redeem.ts'
import { isGuid } from '../http/identifier.ts'
import { realTime } from '../http/timestamp.ts'
import { HOST_PARTITION } from '../partitions/partition.table.ts'
import { createHandle } from '../secrets/handle.ts'
import { checkCredentials, type Proven } from '../users/check-credentials.ts'
import { LockedOut } from '../users/login-attempt.queries.ts'
import { selectTokenUser, type TokenUser } from '../users/token-user.queries.ts'
import { authenticateClient, requireGrantType } from './authenticate-client.ts'
import type { ClientRow } from './client.queries.ts'
import type { TokenRequest } from './connect.schema.ts'
import { enterTenant } from './enter-tenant.ts'
import { listScopes, requireUserScopes } from './issue-token.ts'
import { TokenRefusal } from './token-refusal.ts'
import { issueUserTokens } from './user-tokens.ts'

/** Real server: the text (its command line shows it). */
const WRONG = () => new TokenRefusal('invalid_grant', 'invalid_username_or_password')

export async function answerPassword(c: Context<AppEnv>, request: TokenRequest) {
  const client = await authenticateClient(c.env, openMain(c), request)
  requireGrantType(client, 'password')
  const asked = listScopes(request.scope)
  requireUserScopes(client, asked)
  if (request.username === undefined) throw new TokenRefusal('invalid_grant')
  const partition = partitionFor(client, request.acr_values)
  if (partition === undefined) throw WRONG()
  await enter(c, client, partition)
  const now = (c.get('control')?.now() ?? realTime()).milliseconds
  const proven = await checkCredentials(c.env, openPartition(c, partition, 'current'), {
    ...{ partition, userName: request.username, password: request.password ?? '', now },
    address: c.req.header('CF-Connecting-IP'),
    browser: c.req.header('User-Agent'),
  })
  if (!proven) throw WRONG()
  const scopes = asked.length > 0 ? asked : [...client.scopes.split(' '), OFFLINE_ACCESS]
  const signedIn = { client, partition, scopes, authTime: Math.floor(now / 1000), amr: 'pwd', sessionId: null, now }
  const { user, refreshToken } = await keep(c, signedIn, proven).catch(refuseLockedOut)
  return issueUserTokens(c.env, { ...signedIn, user, refreshToken, issuer: issuerOf(c) })
}

const enter = (c: Context<AppEnv>, client: ClientRow, partition: string) =>
  partition === client.partitionId
    ? enterTenant(c, client)
    : c.get('control')?.enter(partition, { clientId: client.id, userId: undefined, mayPrefer: client.mayPrefer })

/** Whose user it is. Real server: a client of all organizations names one by its id (observed). */
function partitionFor({ partitionId }: ClientRow, acrValues = ''): string | undefined {
  if (partitionId !== HOST_PARTITION) return partitionId
  const [, named] = /(?:^|\s)tenant:(\S+)/i.exec(acrValues) ?? []
  return named !== undefined && isGuid(named) ? named : undefined
}

interface SignedIn {
  readonly client: ClientRow
  readonly partition: string
  readonly scopes: readonly string[]
  readonly authTime: number
  readonly amr: string
  readonly now: number
}

function refuseLockedOut(error: unknown): never {
  throw error instanceof LockedOut ? WRONG() : error
}

/** Writes what follows from a right password, and keeps a refresh token where one is granted. */
async function keep(
  c: Context<AppEnv>,
  { client, partition, scopes, authTime, amr, now }: SignedIn,
  { user: id, writes, guard }: Proven,
): Promise<{ user: TokenUser; refreshToken: string | undefined }> {
  const handle = scopes.includes(OFFLINE_ACCESS) ? await createHandle(c.env, 'refresh_token') : undefined
  const kept: NewGrant | undefined = handle && {
    ...{
      kind: 'refresh_token',
      hash: handle.hash,
      partition,
      client: client.id,
      user: id,
      sessionId: null,
      scopes,
      now,
    },
    details: { authTime, amr },
    lifetime: REFRESH_LIFETIME,
  }
  const grants: Bound<unknown>[] = kept ? [keepGrant(kept)] : []
  const isMain = databaseOf(c.env, partition).name === MAIN
  const [[user]] = await openPartition(c, partition, 'current', guard).batch(
    bind(selectTokenUser, { partition, user: id }),
    ...writes,
    ...(isMain ? grants : []),
  )
  if (!isMain && grants.length > 0) await openMain(c).batch(...grants)
  if (!user) throw WRONG()
  return { user, refreshToken: handle?.text }
}
