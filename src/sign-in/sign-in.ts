// Shows the sign-in page and takes what comes back from it.
import type { Context } from 'hono'
import type { AppEnv } from '../database/session.ts'
import { openPartition } from '../database/session.ts'
import { originOf } from '../http/path.ts'
import { checkCredentials } from '../users/check-credentials.ts'
import { selectFirstUsers } from '../users/first-users.ts'
import { LockedOut } from '../users/login-attempt.queries.ts'
import { formActionOf, redirect, refusePage } from './answer-client.ts'
import { objectionTo } from './authorize.ts'
import { isPasswordless, noteWithoutPassword } from './automatic.ts'
import { isOwnForm, issueFormToken } from './form-token.ts'
import { type Found, lookUp, timeOf } from './look-up.ts'
import { messagePage, organizationPage, signInPage } from './pages.ts'
import { nameOrganization, organizationOf } from './parameters.ts'
import { CALLBACK, type ReturnUrl, readReturnUrl, writeReturnUrl } from './return-url.ts'
import { readSession, sessionCookie } from './session-cookie.ts'
import { keepSession, startSession } from './start-session.ts'

/** What the page is shown with beside what its address says. */
interface Shown {
  readonly problem?: string
  readonly userName?: string
}

/** Told for every reason alike: a text of its own would tell which users there are. */
const WRONG = 'The user name or the password is wrong, or the account is locked for a while.'
const EXPIRED = 'This page was open too long, or in another browser. Sign in again.'
const NO_ORGANIZATION = 'There is no organization of that name.'

const leadsNowhere = (c: Context<AppEnv>) =>
  messagePage(c, {
    title: 'There is nothing to sign in to',
    text: 'An application sends its users here, and this address names none. Open the application again.',
    status: 400,
  })

/** GET: the page for `returnUrl`. @param organization what was entered for one */
export async function showSignIn(c: Context<AppEnv>, returnUrl: string | undefined, organization: string | undefined) {
  const back = readReturnUrl(c.req.url, returnUrl)
  if (!back) return leadsNowhere(c)
  const entered = organization?.trim()
  const parameters = entered ? back.parameters.with('acr_values', `tenantName:${entered}`) : back.parameters
  return pageFor(c, { path: back.path, parameters }, {})
}

async function pageFor(c: Context<AppEnv>, back: ReturnUrl, { problem, userName = '' }: Shown): Promise<Response> {
  const found = await lookUp(c, back.parameters)
  const { client, organization } = found
  if (back.path === CALLBACK) {
    const asked = { parameters: back.parameters, origin: originOf(c.req.url) }
    const { objection, isSafe } = objectionTo(asked, found)
    if (objection) return refusePage(c, back.parameters, objection, isSafe)
  }
  const redirectUri = back.parameters.get('redirect_uri')
  const shown = {
    client: client?.name ?? client?.id ?? 'a device',
    destination: redirectUri === undefined ? '' : new URL(redirectUri).host,
    formAction: redirectUri === undefined ? undefined : formActionOf(redirectUri),
  }
  if (!organization) {
    const returnUrl = writeReturnUrl({ ...back, parameters: back.parameters.with('acr_values', undefined) })
    const isNamed = organizationOf(back.parameters) !== undefined
    return organizationPage(c, { ...shown, returnUrl, problem: isNamed ? NO_ORGANIZATION : undefined })
  }
  const parameters = nameOrganization(back.parameters, organization.id)
  const returnUrl = writeReturnUrl({ ...back, parameters })
  const { token, cookie } = await issueFormToken(c, [organization.id, returnUrl])
  const users = await passwordlessUsers(c, found)
  const answer = signInPage(c, { ...shown, organization, returnUrl, token, userName, users, problem })
  answer.headers.append('Set-Cookie', cookie)
  return answer
}

/** How many users are offered to sign in without a password. */
const MAX_OFFERED = 20

async function passwordlessUsers(c: Context<AppEnv>, { organization }: Found) {
  if (!organization || !isPasswordless(c.env, organization)) return []
  const [users] = await openPartition(c, organization.id, 'current').batch(selectFirstUsers(organization.id))
  return users.slice(0, MAX_OFFERED)
}

/** The fields of the page's forms. */
export interface SignInFields {
  readonly returnUrl?: string
  readonly organization?: string
  readonly token?: string
  readonly username?: string
  readonly password?: string
  /** The id of the user who was picked. */
  readonly user?: string
}

/** POST: what was entered. */
export async function takeSignIn(c: Context<AppEnv>, fields: SignInFields): Promise<Response> {
  const { returnUrl = '', organization: partition = '', token = '', username: userName = '', password = '' } = fields
  const back = readReturnUrl(c.req.url, returnUrl)
  if (!back) return leadsNowhere(c)
  // The token says that the page for this address and organization was shown, so that both have been checked.
  if (!(await isOwnForm(c, token, [partition, returnUrl]))) return pageFor(c, back, { problem: EXPIRED, userName })
  if (fields.user !== undefined) return takePick(c, back, { partition, user: fields.user })
  const clientId = back.parameters.get('client_id')
  await c.get('control')?.enter(partition, { clientId, userId: undefined, mayPrefer: false })
  const proven = await checkCredentials(c.env, openPartition(c, partition, 'current'), {
    ...{ partition, userName, password, now: timeOf(c) },
    address: c.req.header('CF-Connecting-IP'),
    browser: c.req.header('User-Agent'),
  })
  if (!proven) return pageFor(c, back, { problem: WRONG, userName })
  const { user, writes, guard } = proven
  await c.get('control')?.enter(partition, { clientId, userId: user, mayPrefer: false })
  const started = startSession(c, { partition, user }, { method: 'pwd', former: await readSession(c) })
  try {
    await keepSession(c, started, writes, { guard })
  } catch (error) {
    if (error instanceof LockedOut) return pageFor(c, back, { problem: WRONG, userName })
    throw error
  }
  return goOn(c, back, await sessionCookie(c, started.session))
}

/** Signs in the user who was picked, if the organization allows it still. Whether there is such a user authorize asks. */
async function takePick(c: Context<AppEnv>, back: ReturnUrl, key: { partition: string; user: string }) {
  const found = await lookUp(c, back.parameters)
  const { organization } = found
  if (!organization || !isPasswordless(c.env, organization)) return pageFor(c, back, { problem: WRONG })
  await noteWithoutPassword(c, found, key.user)
  const started = startSession(c, key, { method: 'none', former: await readSession(c) })
  await keepSession(c, started, [])
  return goOn(c, back, await sessionCookie(c, started.session))
}

const goOn = (c: Context<AppEnv>, back: ReturnUrl, cookie: string) =>
  redirect(`${originOf(c.req.url)}${writeReturnUrl(back)}`, { 'Set-Cookie': cookie })
