// The page on which a user who is signed in answers for a device.
import type { Context } from 'hono'
import { type Bound, bind } from '../database/bound.ts'
import { databaseOf, MAIN } from '../database/placement.ts'
import { type AppEnv, openMain, openPartition } from '../database/session.ts'
import { type Html, html, page } from '../http/html.ts'
import { HOST_PARTITION } from '../partitions/partition.table.ts'
import { redirect } from '../sign-in/answer-client.ts'
import { isOwnForm, issueFormToken } from '../sign-in/form-token.ts'
import { messagePage } from '../sign-in/pages.ts'
import { readParameters } from '../sign-in/parameters.ts'
import { DEVICE, signInUrl } from '../sign-in/return-url.ts'
import { readSession, type Session } from '../sign-in/session-cookie.ts'
import {
  approveDevice,
  countTry,
  denyDevice,
  selectTries,
  selectWaiting,
  type Typed,
  type WaitingDevice,
} from './device.queries.ts'
import { LIFETIME } from './device-authorization.routes.ts'
import { hashUserCode, readUserCode } from './user-code.ts'

const UNKNOWN = 'No device waits for this code. Look at the device: a new one may be shown there.'
const EXPIRED = 'This page was open too long, or in another browser. Enter the code again.'

/** GET: the form for the code. @param query as it came, with `userCode` where the device has told it */
export async function showDevice(c: Context<AppEnv>, query: string): Promise<Response> {
  const session = await readSession(c)
  if (!session) return signIn(c, query)
  return codePage(c, session, { typed: new URLSearchParams(query).get('userCode') ?? '' })
}

const signIn = (c: Context<AppEnv>, query: string) =>
  redirect(signInUrl(c.req.url, { path: DEVICE, parameters: readParameters(query) }))

/** POST: a code, and behind it the user's answer. */
export async function takeDevice(c: Context<AppEnv>, form: string): Promise<Response> {
  const session = await readSession(c)
  const fields = new URLSearchParams(form)
  const typed = fields.get('userCode') ?? ''
  const query = new URLSearchParams({ userCode: typed }).toString()
  if (!session) return signIn(c, query)
  const [decision, code] = [fields.get('decision'), readUserCode(typed)]
  const bound = decision === null ? [session.id] : [session.id, typed]
  if (!(await isOwnForm(c, fields.get('token') ?? '', ['device', ...bound]))) {
    return codePage(c, session, { typed, problem: EXPIRED })
  }
  await c.get('control')?.enter(session.partition, { clientId: undefined, userId: session.user, mayPrefer: false })
  const values = await valuesOf(session, code ?? '')
  return decision === null
    ? ask(c, session, { typed, query, values })
    : decide(c, session, decision === 'allow', values)
}

async function valuesOf({ id, partition, user }: Session, code: string): Promise<Typed> {
  return { userCodeHash: await hashUserCode(code), session: id, partition, user, host: HOST_PARTITION, now: Date.now() }
}

interface Entered {
  readonly typed: string
  /** The query that shows the page with what was typed. */
  readonly query: string
  readonly values: Typed
}

/** Asks the user whether the device that waits for the code may have what it wants. */
async function ask(c: Context<AppEnv>, session: Session, { typed, query, values }: Entered): Promise<Response> {
  const [[device], , [tries]] = await run(c, session, [
    bind(selectWaiting, values),
    bind(countTry, values),
    bind(selectTries, values),
  ])
  if (!tries) return signIn(c, query)
  if (device) return confirmPage(c, session, typed, device)
  if (tries.left > 0) return codePage(c, session, { typed, problem: UNKNOWN })
  const text = 'Sign out and sign in again to try once more.'
  return messagePage(c, { title: 'Too many wrong codes', text, status: 429 })
}

async function decide(c: Context<AppEnv>, session: Session, isAllowed: boolean, values: Typed): Promise<Response> {
  const lifetime = LIFETIME * 1000
  const [answered] = await run(c, session, [
    isAllowed ? bind(approveDevice, { ...values, lifetime }) : bind(denyDevice, values),
  ])
  if (answered.length === 0) return codePage(c, session, { typed: '', problem: UNKNOWN })
  return isAllowed
    ? messagePage(c, { title: 'The device is signed in', text: 'You can close this window and go on there.' })
    : messagePage(c, { title: 'The device was refused', text: 'It gets no access. You can close this window.' })
}

/** Grants and sessions are in the main database; under the guards of the partition where that is in it as well. */
const run = <const Statements extends readonly Bound<unknown>[]>(
  c: Context<AppEnv>,
  { partition }: Session,
  statements: Statements,
) =>
  (databaseOf(c.env, partition).name === MAIN ? openPartition(c, partition, 'current') : openMain(c)).batch(
    ...statements,
  )

async function codePage(c: Context<AppEnv>, session: Session, { typed, problem }: { typed: string; problem?: string }) {
  const described = problem === undefined ? '' : html` aria-invalid="true" aria-describedby="problem"`
  return formPage(c, [session.id], {
    title: 'Sign in a device',
    intro: problem === undefined ? html`` : html`<p class="error" role="alert" id="problem">${problem}</p>`,
    fields: html`<label for="usercode">The code that the device shows</label>
<input id="usercode" name="userCode" value="${typed.slice(0, 20)}" inputmode="numeric" autocomplete="one-time-code" required autofocus${described}>
<button>Continue</button>`,
    status: problem === undefined ? 200 : 400,
  })
}

const confirmPage = (c: Context<AppEnv>, session: Session, typed: string, { clientId, name, scopes }: WaitingDevice) =>
  formPage(c, [session.id, typed], {
    title: 'Is this your device?',
    intro: html`<p><strong>${name ?? clientId}</strong> wants access with your account. Go on only if your device shows
<code>${typed}</code>, and nobody sent you the code.</p><p><code>${scopes}</code></p>`,
    fields: html`<input type="hidden" name="userCode" value="${typed}">
<button name="decision" value="allow">Allow</button><button class="plain" name="decision" value="deny">Refuse</button>`,
  })

interface Shown {
  readonly title: string
  readonly intro: Html
  readonly fields: Html
  readonly status?: 200 | 400
}

/** A page with a form that only this browser can send, and only for what it was shown for. */
async function formPage(c: Context<AppEnv>, bound: readonly string[], { title, intro, fields, status = 200 }: Shown) {
  const { token, cookie } = await issueFormToken(c, ['device', ...bound])
  const body = html`<h1>${title}</h1>${intro}
<form method="post" action="${DEVICE}"><input type="hidden" name="token" value="${token}">${fields}</form>`
  const answer = page(c, { title, body, status })
  answer.headers.append('Set-Cookie', cookie)
  return answer
}
