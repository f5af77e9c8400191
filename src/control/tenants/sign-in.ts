// Signs a user of a tenant in for a test: the tokens that a client would have at the end of a sign-in, without a browser.
import { sql } from 'drizzle-orm'
import { OFFLINE_ACCESS } from '../../auth/scopes.ts'
import { type ClientRow, clientFields } from '../../connect/client.queries.ts'
import { clients } from '../../connect/client.table.ts'
import { listScopes, requireUserScopes } from '../../connect/issue-token.ts'
import { TokenRefusal } from '../../connect/token-refusal.ts'
import { issueUserTokens } from '../../connect/user-tokens.ts'
import type { Database } from '../../database/database.ts'
import { databaseOf, MAIN } from '../../database/placement.ts'
import type { RequestDatabases } from '../../database/session.ts'
import { statement } from '../../database/statement.ts'
import { keepGrant, type NewGrant } from '../../grants/keep-grant.ts'
import { REFRESH_LIFETIME } from '../../grants/redeem.ts'
import { removalsInPassing } from '../../grants/remove-stale-grants.ts'
import { foldName } from '../../http/fold-name.ts'
import { nearest } from '../../http/nearest.ts'
import { invalid } from '../../http/refusal.ts'
import { HOST_PARTITION } from '../../partitions/partition.table.ts'
import { createHandle } from '../../secrets/handle.ts'
import { selectNamed } from '../../users/login-attempt.queries.ts'
import { selectTokenUser } from '../../users/token-user.queries.ts'
import { loadArmed } from '../effects/armed.ts'
import { readClock } from '../effects/clock.ts'
import { requireUser } from './tenant-users.ts'
import type { TenantRow } from './tenants.ts'

export interface WantedSignIn {
  /** Its user name, email address or id. */
  readonly user: string
  /** Undefined: the first that users sign in with, or else the first. */
  readonly client?: string | undefined
  /** Undefined: all that the client may ask for. */
  readonly scopes?: readonly string[] | undefined
}

interface Site {
  readonly env: Cloudflare.Env
  readonly databases: RequestDatabases
  readonly issuer: string
}

/** @throws Refusal 400 for a user or client that the tenant does not have, and for a scope that is not the client's */
export async function signIn({ env, databases, issuer }: Site, tenant: TenantRow, wanted: WantedSignIn) {
  const { id: partition } = tenant
  const client = await requireClient(databases.main(), partition, wanted.client)
  const scopes = scopesFor(client, wanted.scopes)
  const user = await requireSignedIn(env, databases.holding(partition), partition, wanted.user)
  const { milliseconds: now } = readClock((await loadArmed(env, partition)).clock)
  const handle = scopes.includes(OFFLINE_ACCESS) ? await createHandle(env, 'refresh_token') : undefined
  const signedIn = { authTime: Math.floor(now / 1000), amr: 'none' }
  if (handle) {
    const grant: Pick<NewGrant, 'kind' | 'partition' | 'client' | 'user' | 'sessionId'> = {
      ...{ kind: 'refresh_token', partition, client: client.id, user: user.id, sessionId: null },
    }
    // Opened for the partition, so that the row counts against what the tenant's key may hold.
    const database = databaseOf(env, partition).name === MAIN ? databases.holding(partition) : databases.main()
    const kept = { ...grant, hash: handle.hash, scopes, details: signedIn, lifetime: REFRESH_LIFETIME, now }
    await database.batch(keepGrant(kept), ...removalsInPassing(env))
  }
  const granted = { issuer, client, partition, user, scopes, sessionId: null, refreshToken: handle?.text, now }
  return { tokens: await issueUserTokens(env, { ...granted, ...signedIn }), client: client.id, user: user.id }
}

const isForUsers = sql`instr(${clients.grantTypes}, 'authorization_code') > 0`

/** Those of the tenant; those of the host partition only by name, and only where users sign in with them. */
const selectClients = statement<{ partition: string; host: string; client: string | null }, ClientRow>(
  (v, row) => sql`
    select ${row(clientFields)} from ${clients}
    where (${clients.partitionId} = ${v.partition}
      or ${clients.partitionId} = ${v.host} and ${clients.id} = ${v.client} and ${isForUsers})
    order by ${clients.id} = ${v.client} desc, ${isForUsers} desc, ${clients.partitionId} = ${v.host}, ${clients.id} limit 100`,
)

async function requireClient(database: Database, partition: string, wanted: string | undefined): Promise<ClientRow> {
  const found = await database.all(selectClients, { partition, host: HOST_PARTITION, client: wanted ?? null })
  const [first] = found
  if (first && (wanted === undefined || first.id === wanted)) return first
  const meant =
    wanted === undefined
      ? undefined
      : nearest(
          wanted,
          found.map(({ id }) => id),
        )
  throw invalid(
    'client',
    `the tenant has no client${wanted === undefined ? '' : ` ${wanted.slice(0, 100)}`}${meant ? `; did you mean ${meant}?` : '.'}`,
  )
}

function scopesFor(client: ClientRow, wanted: readonly string[] | undefined): string[] {
  const scopes = wanted ? listScopes(wanted.join(' ')) : [...client.scopes.split(' '), OFFLINE_ACCESS]
  try {
    requireUserScopes(client, scopes)
  } catch (error) {
    if (!(error instanceof TokenRefusal)) throw error
    throw invalid(
      'scopes',
      `${client.id} may ask for: ${client.scopes} ${OFFLINE_ACCESS}. profile and email need openid.`,
    )
  }
  return scopes
}

async function requireSignedIn(env: Cloudflare.Env, database: Database, partition: string, name: string) {
  const named = await database.first(selectNamed, { partition, userName: name, key: foldName(name) })
  if (!named) await requireUser(env, partition, name)
  const user = await database.first(selectTokenUser, { partition, user: named?.id ?? name })
  if (!user?.isActive) throw invalid('user', `the user ${name.slice(0, 100)} is not active.`)
  return user
}
