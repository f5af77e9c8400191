// /connect/endsession, and the page on which a user signs out.
import { type Context, Hono } from 'hono'
import type { AppEnv } from '../database/session.ts'
import { describe } from '../http/contract.ts'
import { endSession, showSignOut, takeSignOut } from './end-session.ts'
import { pageForm, queryOf } from './page-form.ts'

const page = { page: true, status: 302 } as const

export const endSessionRoutes = new Hono<AppEnv>()
  .get(
    '/connect/endsession',
    describe(
      {
        operationId: 'Connect_EndSession',
        summary: 'Signs a user out for a client that has an id_token of the user; else asks the user.',
        evidence: 'observed',
        ...page,
      },
      (c: Context<AppEnv>) => endSession(c, queryOf(c)),
    ),
  )
  .post(
    '/connect/endsession',
    describe(
      {
        operationId: 'Connect_EndSessionForm',
        summary: 'The same for a form.',
        evidence: 'framework default',
        ...page,
      },
      async (c: Context<AppEnv>) => endSession(c, await pageForm(c)),
    ),
  )
  .get(
    '/web/logout',
    describe(
      {
        operationId: 'Web_Logout',
        summary: 'The page that asks a user whether to sign out.',
        evidence: 'own',
        page: true,
        status: 200,
      },
      showSignOut,
    ),
  )
  .post(
    '/web/logout',
    describe(
      { operationId: 'Web_SignOut', summary: 'Signs a user out who has said so.', evidence: 'own', ...page },
      async (c: Context<AppEnv>) => takeSignOut(c, await pageForm(c)),
    ),
  )
