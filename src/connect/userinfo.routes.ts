// /connect/userinfo: who the user of an access token is, as the directory has it now.
import { type Context, Hono } from 'hono'
import { bearerOf, principalBy } from '../auth/authorize.ts'
import { InvalidToken } from '../auth/token-claims.ts'
import { bind } from '../database/bound.ts'
import { databaseOf, MAIN } from '../database/placement.ts'
import { type AppEnv, openMain, openPartition } from '../database/session.ts'
import { describe } from '../http/contract.ts'
import { ok } from '../http/ok.ts'
import { GUARDED, Refusal } from '../http/refusal.ts'
import { selectTokenUser, type TokenUser } from '../users/token-user.queries.ts'
import { findClient, selectClient } from './client.queries.ts'
import { OAuthError, UserInfo } from './connect.schema.ts'
import { isForm, readForm } from './form.ts'
import { answerTokenRefusal } from './token-refusal.ts'
import { emailOf, namesOf } from './user-tokens.ts'

const contract = {
  summary: 'The user of an access token with `openid`.',
  evidence: 'framework default',
  answer: UserInfo,
  proof: 'openid',
  bodiless: [401, 403],
} as const

export const userInfoRoutes = new Hono<AppEnv>()
  .get(
    '/connect/userinfo',
    describe({ operationId: 'Connect_UserInfo', ...contract }, (c: Context<AppEnv>) => userInfo(c)),
  )
  .post(
    '/connect/userinfo',
    describe(
      {
        operationId: 'Connect_PostUserInfo',
        ...contract,
        answers: { 400: OAuthError },
        refusals: ['tooLarge', 'unsupportedMediaType'],
      },
      (c: Context<AppEnv>) => userInfo(c),
    ),
  )

async function userInfo(c: Context<AppEnv>): Promise<Response> {
  try {
    const token = await tokenOf(c)
    if (!token) return challenge(c, 401, 'invalid_token')
    const { partition, userId, clientId, scopes } = await principalBy(c, token)
    if (!scopes.has('openid') || partition === undefined || userId === undefined) {
      return challenge(c, 403, 'insufficient_scope')
    }
    const user = await findHolder(c, { partition, user: userId, client: clientId })
    if (!user?.isActive) return challenge(c, 401, 'invalid_token')
    // Real server: what its users are called is told without `profile` and `email` as well (observed).
    return ok(c, {
      sub: user.id,
      prt_id: partition,
      ...namesOf(user),
      ...emailOf(user),
      email_verified: user.emailConfirmed,
    })
  } catch (error) {
    // The time of the tenant is over: so is that of its tokens.
    if (error instanceof Refusal && error.reason.is === 'notFound') return challenge(c, 401, 'invalid_token')
    if (!(error instanceof InvalidToken)) return answerTokenRefusal(c, error)
    return challenge(c, 401, 'invalid_token', error.hasExpired ? 'The access token expired' : undefined)
  }
}

/** The user, if the client of the token is there still. Two round trips if they are in two databases. */
async function findHolder(
  c: Context<AppEnv>,
  { partition, user, client = '' }: { partition: string; user: string; client: string | undefined },
): Promise<TokenUser | undefined> {
  const [holding, key] = [openPartition(c, partition, 'current'), { partition, user }]
  if (databaseOf(c.env, partition).name !== MAIN) {
    return (await findClient(openMain(c), client)) && holding.first(selectTokenUser, key)
  }
  const [[found], clients] = await holding.batch(bind(selectTokenUser, key), bind(selectClient, { client }))
  return clients.length > 0 ? found : undefined
}

/** Real server: the token of the header; of a form without one there (the framework's source). */
async function tokenOf(c: Context<AppEnv>): Promise<string | undefined> {
  const token = bearerOf(c.req.header('Authorization') ?? '')
  if (token || c.req.method !== 'POST' || !isForm(c)) return token
  return (await readForm(c, ['access_token'])).get('access_token')
}

/** Real server: an empty body, and a challenge in this form (the framework's source). */
function challenge(c: Context<AppEnv>, status: 401 | 403, error: string, description?: string): Response {
  const said = description === undefined ? '' : `,error_description="${description}"`
  return c.body(null, status, {
    ...GUARDED,
    'WWW-Authenticate': `Bearer realm="IdentityServer",error="${error}"${said}`,
  })
}
