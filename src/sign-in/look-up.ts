// Asks the database for all that an authorization request is about, in one round trip.

import type { Context } from 'hono'
import { base64url } from 'jose'
import { type ClientRow, selectClient } from '../connect/client.queries.ts'
import { listScopes } from '../connect/issue-token.ts'
import { bind } from '../database/bound.ts'
import { databaseOf, MAIN } from '../database/placement.ts'
import { type AppEnv, openMain, openPartition } from '../database/session.ts'
import { newFamily } from '../grants/keep-grant.ts'
import { KEPT_LONGER } from '../grants/redeem.ts'
import { sameId } from '../http/identifier.ts'
import { originOf } from '../http/path.ts'
import { isExpired } from '../partitions/expiry.ts'
import { HOST_PARTITION } from '../partitions/partition.table.ts'
import { createHandle, type Handle } from '../secrets/handle.ts'
import { selectTokenUser } from '../users/token-user.queries.ts'
import {
  type CodeValues,
  insertCode,
  type Named,
  type OrganizationRow,
  type SessionRow,
  selectOrganization,
  selectSession,
} from './authorize.queries.ts'
import { organizationOf, type Parameters } from './parameters.ts'
import type { Session } from './session-cookie.ts'

/** Real server: how long a code may be redeemed (its framework's default). In milliseconds. */
const CODE_LIFETIME = 300_000

/** What there is of a request's client, organization and session. */
export interface Found {
  /** Undefined where it is unknown, or its tenant's time is over. */
  readonly client: ClientRow | undefined
  /** Where the user is to sign in, if that is told; undefined also where there is none of that id or name. */
  readonly organization: OrganizationRow | undefined
  /** The session, if it is in its time, of that organization, and its user is active. */
  readonly session: SessionRow | undefined
  /** A code for the session's user, kept already. */
  readonly code: string | undefined
}

/**
 * Looks up what `parameters` name. For a request with a session it also keeps a code, which may be sent to the client if
 * {@link Found} says that all is well: so that a user who is signed in costs one round trip.
 */
export async function lookUp(c: Context<AppEnv>, parameters: Parameters, session?: Session): Promise<Found> {
  const named = namedBy(parameters, session)
  const about = [bind(selectClient, { client: named.client }), bind(selectOrganization, named)] as const
  if (!session) {
    const [[client], [organization]] = await openMain(c).batch(...about)
    const found = inTime(client, organization)
    await enter(c, found)
    return { ...found, session: undefined, code: undefined }
  }
  const code = await createHandle(c.env, 'code')
  const [[client], [organization], [row], kept] = await openMain(c).batch(
    ...about,
    bind(selectSession, valuesOf(session)),
    bind(insertCode, codeValues(c, { parameters, session, code })),
  )
  const found = inTime(client, organization)
  await enter(c, found, session.user)
  const valid = await validSession(c, found.organization, session, row)
  return { ...found, session: valid, code: valid && kept.length > 0 ? code.text : undefined }
}

const inTime = (client: ClientRow | undefined, organization: OrganizationRow | undefined) => ({
  client: client && !isExpired(client) ? client : undefined,
  organization: organization && !isExpired(organization) ? organization : undefined,
})

/**
 * Applies what is armed for the organization to this request, on behalf of its client and of the user, if there is one. Said
 * again with a user, it changes on whose behalf the request is made.
 */
export async function enter(
  c: Context<AppEnv>,
  { client, organization }: Pick<Found, 'client' | 'organization'>,
  user?: string,
) {
  if (!organization) return
  const caller = { clientId: client?.id, userId: user, mayPrefer: Boolean(client?.mayPrefer) }
  const revision = databaseOf(c.env, organization.id).name === MAIN ? organization.revision : undefined
  c.get('timing')?.note({ client: client?.id, partition: organization.id })
  await c.get('control')?.enter(organization.id, caller, revision)
}

function namedBy(parameters: Parameters, session: Session | undefined): Named {
  const organization = organizationOf(parameters)
  return {
    id: organization && 'id' in organization ? organization.id : null,
    name: organization && 'name' in organization ? organization.name : null,
    client: parameters.get('client_id') ?? '',
    host: HOST_PARTITION,
    signedIn: session?.partition ?? null,
  }
}

const valuesOf = ({ id, partition, user }: Session) => ({ session: id, partition, user })

interface Code {
  readonly parameters: Parameters
  readonly session: Session
  readonly code: Handle
}

/** The values of the statement that keeps a code. */
export function codeValues(c: Context<AppEnv>, { parameters, session, code }: Code): CodeValues {
  const [redirectUri, origin] = [parameters.get('redirect_uri') ?? '', originOf(c.req.url)]
  const details = {
    redirectUri,
    codeChallenge: parameters.get('code_challenge'),
    nonce: parameters.get('nonce'),
  }
  const now = Date.now()
  return {
    ...valuesOf(session),
    client: parameters.get('client_id') ?? '',
    host: HOST_PARTITION,
    hash: code.hash,
    family: newFamily(),
    scopes: listScopes(parameters.get('scope')).join(' '),
    details: JSON.stringify(details),
    redirectUri,
    localPath: redirectUri.startsWith(`${origin}/`) ? redirectUri.slice(origin.length) : null,
    now,
    lifetime: CODE_LIFETIME,
    removeAt: now + CODE_LIFETIME + KEPT_LONGER,
  }
}

async function validSession(
  c: Context<AppEnv>,
  organization: OrganizationRow | undefined,
  session: Session,
  row: SessionRow | undefined,
): Promise<SessionRow | undefined> {
  if (!row || !organization || !sameId(organization.id, session.partition)) return undefined
  if (row.expiresAt <= timeOf(c)) return undefined
  if (databaseOf(c.env, session.partition).name === MAIN) return row.isActive ? row : undefined
  const { partition, user } = session
  const found = await openPartition(c, partition, 'current').first(selectTokenUser, { partition, user })
  return found?.isActive ? { ...row, userName: found.userName, email: found.email } : undefined
}

/** Whether users of the organization may sign in with the client: with one of the host partition those of any. */
export const serves = ({ partitionId }: ClientRow, { id }: OrganizationRow) =>
  partitionId === HOST_PARTITION || sameId(partitionId, id)

/** The time by the clock of the organization that was entered, in milliseconds since the epoch. */
export const timeOf = (c: Context<AppEnv>) => c.get('control')?.now().milliseconds ?? Date.now()

/** SHA-256 of a text, base64url. */
export const digestOf = async (text: string) =>
  base64url.encode(new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))))
