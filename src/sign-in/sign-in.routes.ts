// /connect/authorize and the pages of /web.
import { type Context, Hono } from 'hono'
import { base64url } from 'jose'
import { limitAddress, RATE_PERIOD, TooManyRequests } from '../connect/limit-rate.ts'
import type { AppEnv } from '../database/session.ts'
import { describe } from '../http/contract.ts'
import { html } from '../http/html.ts'
import { authorize } from './authorize.ts'
import { pageForm, queryOf } from './page-form.ts'
import { messagePage, signedOutPage } from './pages.ts'
import { type SignInFields, showSignIn, takeSignIn } from './sign-in.ts'

const page = { page: true, status: 302 } as const

export const signInRoutes = new Hono<AppEnv>()
  .get(
    '/connect/authorize',
    describe(
      {
        operationId: 'Connect_Authorize',
        summary: 'Sends a user who is signed in back to the client with a code; others to the sign-in page.',
        evidence: 'observed',
        ...page,
      },
      (c: Context<AppEnv>) => authorize(c, queryOf(c)),
    ),
  )
  .post(
    '/connect/authorize',
    describe(
      {
        operationId: 'Connect_AuthorizeForm',
        summary: 'The same for a form.',
        evidence: 'framework default',
        ...page,
      },
      async (c: Context<AppEnv>) => authorize(c, await pageForm(c)),
    ),
  )
  .get(
    '/connect/authorize/callback',
    describe(
      {
        operationId: 'Connect_AuthorizeCallback',
        summary: 'The same after the user has signed in.',
        evidence: 'observed',
        ...page,
      },
      (c: Context<AppEnv>) => authorize(c, queryOf(c)),
    ),
  )
  .get(
    '/web/login',
    describe(
      {
        operationId: 'Web_Login',
        summary: 'The sign-in page.',
        evidence: 'observed; the page is own',
        page: true,
        status: 200,
      },
      (c: Context<AppEnv>) => showSignIn(c, c.req.query('returnUrl'), c.req.query('organization')),
    ),
  )
  .post(
    '/web/login',
    describe(
      { operationId: 'Web_SignIn', summary: 'Signs a user in.', evidence: 'own', ...page },
      async (c: Context<AppEnv>) => {
        try {
          await limitAddress(c)
        } catch (error) {
          if (!(error instanceof TooManyRequests)) throw error
          const tooMany = {
            title: 'Too many attempts',
            text: `Try again in ${RATE_PERIOD} seconds.`,
            status: 429,
          } as const
          return messagePage(c, tooMany)
        }
        const fields: SignInFields = Object.fromEntries(new URLSearchParams(await pageForm(c)))
        return takeSignIn(c, fields)
      },
    ),
  )
  .get(
    '/web',
    describe(
      {
        operationId: 'Web_Error',
        summary: 'The page for a request of a client that cannot be answered.',
        evidence: 'observed; the page is own',
        page: true,
        status: 200,
      },
      (c: Context<AppEnv>) => showError(c),
    ),
  )
  .get(
    '/web/signedout',
    describe(
      {
        operationId: 'Web_SignedOut',
        summary: 'The page after a user has signed out.',
        evidence: 'own',
        page: true,
        status: 200,
      },
      (c: Context<AppEnv>) => signedOutPage(c),
    ),
  )

/** Only what this server itself may have said is shown, and as text. */
function showError(c: Context<AppEnv>): Response {
  const [code, description] = errorOf(c.req.query('errorId'))
  return messagePage(c, {
    title: 'The application cannot sign you in',
    text: 'Its request was not accepted. Whoever develops it needs to know:',
    detail: html`<p><code>${code ?? c.req.query('errorCode') ?? 'unknown'}</code>${description && html`: ${description}`}</p>`,
  })
}

function errorOf(id: string | undefined): (string | undefined)[] {
  try {
    const { Data } = JSON.parse(new TextDecoder().decode(base64url.decode(id ?? '')))
    return [Data?.Error, Data?.ErrorDescription].map((text) =>
      typeof text === 'string' ? text.slice(0, 200) : undefined,
    )
  } catch {
    return []
  }
}
