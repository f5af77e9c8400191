// Answers an authorization request: with a code, with an error, or with the way to the sign-in page.
import type { Context } from 'hono'
import type { AppEnv } from '../database/session.ts'
import { foldName } from '../http/fold-name.ts'
import { originOf } from '../http/path.ts'
import { redirect, refuseClient, refusePage, sendCode } from './answer-client.ts'
import { type Asked, checkBeforeClient, checkRequest, type Objection } from './authorize-checks.ts'
import { signInAtOnce, wantedUser } from './automatic.ts'
import { type Found, lookUp, serves, timeOf } from './look-up.ts'
import { nameOrganization, organizationOf, type Parameters, readParameters } from './parameters.ts'
import { CALLBACK, signInUrl } from './return-url.ts'
import { readSession } from './session-cookie.ts'

/** @param text the query, or the form */
export async function authorize(c: Context<AppEnv>, text: string): Promise<Response> {
  const parameters = readParameters(text)
  const asked = { parameters, origin: originOf(c.req.url) }
  const early = checkBeforeClient(asked)
  if (early) return refusePage(c, parameters, early, false)
  const found = await lookUp(c, parameters, await readSession(c))
  const { objection, isSafe } = objectionTo(asked, found)
  if (objection) return refusePage(c, parameters, objection, isSafe)
  if (!found.organization && organizationOf(parameters)) return redirect(unregistered(c, parameters))
  return isSignedIn(c, found, parameters) && found.session && found.code
    ? sendCode(c, parameters, { code: found.code, session: found.session.id })
    : signIn(c, parameters, found)
}

/** What there is to say against a request; also that its organization is another than the client's. */
export function objectionTo(
  asked: Omit<Asked, 'client'>,
  { client, organization }: Found,
): { objection: Objection | undefined; isSafe: boolean } {
  const checked = checkRequest({ ...asked, client })
  if (checked.objection || !client || !organization || serves(client, organization)) return checked
  // Assumed: a client is registered with one organization, and users of no other can sign in with it.
  return { objection: { error: 'invalid_request', description: 'Invalid acr_values' }, isSafe: true }
}

/** Real server: the portal's page for an organization that there is not (observed by its SDK). Assumed: the query. */
const unregistered = (c: Context<AppEnv>, parameters: Parameters) => {
  const organization = organizationOf(parameters)
  const name = organization && ('name' in organization ? organization.name : organization.id)
  return `${originOf(c.req.url)}/portal_/unregistered?organizationName=${encodeURIComponent(name ?? '')}`
}

/** Whether the session answers the request: not where the client wants the user to sign in anew, or another one. */
function isSignedIn(c: Context<AppEnv>, { session, organization }: Found, parameters: Parameters): boolean {
  if (!session || isInteractive(parameters)) return false
  const maxAge = parameters.get('max_age')
  if (maxAge !== undefined && timeOf(c) / 1000 - session.authTime > Number(maxAge)) return false
  const wanted = wantedUser(c, parameters, organization)
  const names = [session.user, session.userName, session.email].map((name) => foldName(name ?? ''))
  return wanted === undefined || names.includes(foldName(wanted))
}

const promptsOf = (parameters: Parameters) => parameters.get('prompt')?.split(' ') ?? []

const isInteractive = (parameters: Parameters) =>
  promptsOf(parameters).some((prompt) => prompt === 'login' || prompt === 'select_account')

async function signIn(c: Context<AppEnv>, parameters: Parameters, found: Found): Promise<Response> {
  const atOnce = isInteractive(parameters) ? undefined : await signInAtOnce(c, parameters, found)
  if (atOnce) return atOnce
  if (promptsOf(parameters).includes('none')) return refuseClient(c, parameters, 'login_required')
  // Without `prompt`, which would have the user sign in again and again.
  const back = parameters.with('prompt', undefined)
  // Who is to sign in anew may do so to another organization than that of the session, unless the client names one.
  const isOpen = isInteractive(parameters) && !organizationOf(parameters)
  const named = found.organization && !isOpen ? nameOrganization(back, found.organization.id) : back
  return redirect(signInUrl(c.req.url, { path: CALLBACK, parameters: named }))
}
