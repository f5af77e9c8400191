// The pages that users see. Plain forms: they need no script.
import type { Context } from 'hono'
import { type Html, html, page } from '../http/html.ts'
import { BASE_PATH } from '../http/path.ts'

/** What all pages of a sign-in have. */
interface SignIn {
  /** Where it leads, to be sent back with the form. */
  readonly returnUrl: string
  /** What is to be signed in to. */
  readonly client: string
  /** The address that the browser is sent to in the end. */
  readonly destination: string
  /** What is wrong with what was entered before. */
  readonly problem?: string | undefined
  /** For the content security policy. */
  readonly formAction: string | undefined
}

export interface SignInForm extends SignIn {
  readonly organization: { readonly id: string; readonly name: string }
  readonly token: string
  readonly userName: string
  /** Those that may sign in without a password. */
  readonly users: readonly { readonly id: string; readonly userName: string }[]
}

const LOGIN = `${BASE_PATH}/web/login`

const alert = (problem: string | undefined) =>
  problem === undefined ? html`` : html`<p class="error" role="alert" id="problem">${problem}</p>`

const whither = ({ client, destination }: SignIn): Html =>
  html`<p>to continue to <strong>${client}</strong>${destination && html` at <code>${destination}</code>`}</p>`

const hidden = (fields: Readonly<Record<string, string>>) =>
  Object.entries(fields).map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`)

/** The form for user name and password, and the users that need none. */
export function signInPage(c: Context, form: SignInForm): Response {
  const { organization, problem, returnUrl, token, userName, users, formAction } = form
  const fields = hidden({ returnUrl, organization: organization.id, token })
  const described = problem === undefined ? '' : html` aria-invalid="true" aria-describedby="problem"`
  const [nameFocus, passwordFocus] = userName === '' ? [html` autofocus`, ''] : ['', html` autofocus`]
  const body = html`<h1>Sign in to ${organization.name}</h1>${whither(form)}${alert(problem)}
<form method="post" action="${LOGIN}">${fields}
<label for="username">User name or email address</label>
<input id="username" name="username" value="${userName}" autocomplete="username" autocapitalize="none" spellcheck="false" required${described}${nameFocus}>
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required${described}${passwordFocus}>
<button>Sign in</button></form>
${
  users.length > 0 &&
  html`<h2 id="users">Or pick a user</h2>
<form method="post" action="${LOGIN}" aria-labelledby="users">${fields}${users.map(
    ({ id, userName: name }) => html`<button class="plain" name="user" value="${id}">${name}</button>`,
  )}</form>`
}`
  return page(c, { title: 'Sign in', body, status: problem === undefined ? 200 : 400, formAction })
}

/** The form for the organization, where nothing else tells it. */
export function organizationPage(c: Context, form: SignIn): Response {
  const { problem, returnUrl, formAction } = form
  const described = problem === undefined ? '' : html` aria-invalid="true" aria-describedby="problem"`
  const body = html`<h1>Sign in</h1>${whither(form)}${alert(problem)}
<form method="get" action="${LOGIN}">${hidden({ returnUrl })}
<label for="organization">Organization</label>
<input id="organization" name="organization" autocomplete="organization" autocapitalize="none" spellcheck="false" required autofocus${described}>
<button>Continue</button></form>`
  return page(c, { title: 'Sign in', body, status: problem === undefined ? 200 : 400, formAction })
}

/** A page that says one thing. */
export function messagePage(
  c: Context,
  { title, text, detail, status = 200 }: { title: string; text: string; detail?: Html; status?: 200 | 400 | 404 | 429 },
): Response {
  return page(c, { title, body: html`<h1>${title}</h1><p>${text}</p>${detail}`, status })
}

/** The page at the end of a sign-out. */
export const signedOutPage = (c: Context) =>
  messagePage(c, { title: 'You are signed out', text: 'You can close this window.' })
