// Signing in without a password: for tests, where a local run or whoever made the tenant allows it.
import type { Context } from 'hono'
import { bind } from '../database/bound.ts'
import { type AppEnv, openPartition } from '../database/session.ts'
import { foldName } from '../http/fold-name.ts'
import { isLocalRun } from '../http/local-run.ts'
import { createHandle } from '../secrets/handle.ts'
import { selectNamed } from '../users/login-attempt.queries.ts'
import { sendCode } from './answer-client.ts'
import { insertCode, type OrganizationRow } from './authorize.queries.ts'
import { codeValues, enter, type Found } from './look-up.ts'
import type { Parameters } from './parameters.ts'
import { readSession, sessionCookie } from './session-cookie.ts'
import { keepSession, startSession } from './start-session.ts'

/** Whether users of the organization may sign in without a password. */
export const isPasswordless = (env: Cloudflare.Env, { passwordless }: OrganizationRow) =>
  isLocalRun(env) || Boolean(passwordless)

/** The user who is to be signed in without a password, by name, address or id; undefined where that is not allowed, or nobody. */
export const wantedUser = (c: Context<AppEnv>, parameters: Parameters, organization: OrganizationRow | undefined) =>
  organization && isPasswordless(c.env, organization)
    ? (parameters.get('login_hint') ?? c.get('control')?.signsInAs())
    : undefined

/**
 * Signs the user in whom the control plane has set, or `login_hint` names, and sends the client a code at once: a test's client
 * need not keep cookies. Undefined where it is not allowed or there is no such user.
 */
export async function signInAtOnce(
  c: Context<AppEnv>,
  parameters: Parameters,
  found: Found,
): Promise<Response | undefined> {
  const { client, organization } = found
  const wanted = wantedUser(c, parameters, organization)
  if (!client || !organization || wanted === undefined) return undefined
  const partition = organization.id
  const user = await openPartition(c, partition, 'current').first(selectNamed, {
    partition,
    userName: wanted,
    key: foldName(wanted),
  })
  if (!user?.isActive) return undefined
  await noteWithoutPassword(c, found, user.id)
  const [former, code] = await Promise.all([readSession(c), createHandle(c.env, 'code')])
  const started = startSession(c, { partition, user: user.id }, { method: 'none', former })
  const { session } = started
  await keepSession(c, started, [], { main: [bind(insertCode, codeValues(c, { parameters, session, code }))] })
  const headers = { 'Set-Cookie': await sessionCookie(c, session) }
  return sendCode(c, parameters, { code: code.text, session: session.id, headers })
}

/** Has the request in the journal of the tenant, whether or not that is on: nobody signs in without a password unseen. */
export async function noteWithoutPassword(
  c: Context<AppEnv>,
  found: Pick<Found, 'client' | 'organization'>,
  user: string,
) {
  await enter(c, found, user)
  c.get('control')?.keepInJournal()
}
