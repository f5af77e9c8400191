// Signs a user out: at once for a client that shows an id_token of the user, else after the user has said so on a page.
import type { Context } from 'hono'
import type { JWTPayload } from 'jose'
import { issuerOf } from '../auth/issuer.ts'
import { signedClaims } from '../auth/token-claims.ts'
import { type ClientRow, selectClient } from '../connect/client.queries.ts'
import { bind } from '../database/bound.ts'
import { databaseOf, MAIN } from '../database/placement.ts'
import { type AppEnv, openMain, openPartition } from '../database/session.ts'
import { html, page } from '../http/html.ts'
import { sameId } from '../http/identifier.ts'
import { BASE_PATH, originOf } from '../http/path.ts'
import { redirect } from './answer-client.ts'
import { isRegistered } from './authorize-checks.ts'
import { endSessions } from './end-session.queries.ts'
import { isOwnForm, issueFormToken } from './form-token.ts'
import { noSessionCookie, readSession, type Session } from './session-cookie.ts'

const LOGOUT = `${BASE_PATH}/web/logout`

const signedOut = (c: Context<AppEnv>) => `${originOf(c.req.url)}${BASE_PATH}/web/signedout`

/** @param text the query, or the form, of the client's request */
export async function endSession(c: Context<AppEnv>, text: string): Promise<Response> {
  const fields = new Map([...new URLSearchParams(text)].map(([name, value]) => [name.toLowerCase(), value]))
  const session = await readSession(c)
  const hint = await readHint(c, fields.get('id_token_hint'), session)
  // Real server: without a hint the user is asked, as anybody could send a browser here (observed).
  if (!hint) return redirect(session ? `${originOf(c.req.url)}${LOGOUT}` : signedOut(c))
  const client = await end(c, hint, session)
  const headers = { 'Set-Cookie': await noSessionCookie(c) }
  const uri = fields.get('post_logout_redirect_uri')
  // Real server: exactly one of the client's registered addresses, or else its own page (observed).
  if (!uri || !client || !isRegistered(client, uri, originOf(c.req.url))) return redirect(signedOut(c), headers)
  return redirect(withState(uri, fields.get('state')), headers)
}

const withState = (uri: string, state: string | undefined) =>
  state ? `${uri}${uri.includes('?') ? '&' : '?'}state=${encodeURIComponent(state)}` : uri

/** Whose session ends, and for which client. */
interface Hint {
  readonly client: string
  readonly partition: string
  readonly user: string
  readonly sessions: readonly string[]
}

/** What an id_token says, whether or not it has expired; undefined for none, and for one of another user than is signed in. */
async function readHint(
  c: Context<AppEnv>,
  token: string | undefined,
  session: Session | undefined,
): Promise<Hint | undefined> {
  if (!token) return undefined
  const claims = await signedClaims(c.env, { token, issuer: issuerOf(c), typ: 'JWT' })
  const { aud, sub, prt_id, sid }: JWTPayload = claims ?? {}
  if (typeof aud !== 'string' || typeof sub !== 'string' || typeof prt_id !== 'string') return undefined
  if (session && !(sameId(session.user, sub) && sameId(session.partition, prt_id))) return undefined
  const sessions = [session?.id, typeof sid === 'string' ? sid : undefined].filter((id) => id !== undefined)
  return { client: aud, partition: prt_id, user: sub, sessions }
}

/** Ends the sessions and returns the client, in one round trip. */
async function end(
  c: Context<AppEnv>,
  { client, partition, user, sessions }: Hint,
  session: Session | undefined,
): Promise<ClientRow | undefined> {
  await c.get('control')?.enter(partition, { clientId: client, userId: user, mayPrefer: false })
  const ids = [...new Set([...sessions, ...(session ? [session.id] : [])])]
  const [[row]] = await sessionsOf(c, partition).batch(bind(selectClient, { client }), ...endSessions(ids))
  return row
}

/** The main database, which has the sessions; under the guards of the partition where that is in it as well. */
const sessionsOf = (c: Context<AppEnv>, partition: string) =>
  databaseOf(c.env, partition).name === MAIN ? openPartition(c, partition, 'current') : openMain(c)

/** GET: asks the user. */
export async function showSignOut(c: Context<AppEnv>): Promise<Response> {
  const session = await readSession(c)
  if (!session) return redirect(signedOut(c))
  const { token, cookie } = await issueFormToken(c, ['logout', session.id])
  const body = html`<h1>Do you want to sign out?</h1>
<form method="post" action="${LOGOUT}"><input type="hidden" name="token" value="${token}"><button autofocus>Sign out</button></form>`
  const answer = page(c, { title: 'Sign out', body })
  answer.headers.append('Set-Cookie', cookie)
  return answer
}

/** POST: the user has said so. */
export async function takeSignOut(c: Context<AppEnv>, form: string): Promise<Response> {
  const session = await readSession(c)
  if (!session) return redirect(signedOut(c))
  const token = new URLSearchParams(form).get('token') ?? ''
  if (!(await isOwnForm(c, token, ['logout', session.id]))) return showSignOut(c)
  const { id, partition, user } = session
  await c.get('control')?.enter(partition, { clientId: undefined, userId: user, mayPrefer: false })
  await sessionsOf(c, partition).batch(...endSessions([id]))
  return redirect(signedOut(c), { 'Set-Cookie': await noSessionCookie(c) })
}
