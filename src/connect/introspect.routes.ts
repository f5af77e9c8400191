// /connect/introspect and /connect/revocation: what a client may ask of a token it holds (RFC 7662, RFC 7009).
import { type Context, Hono } from 'hono'
import { issuerOf } from '../auth/issuer.ts'
import { keyRing } from '../auth/keys.ts'
import { type AppEnv, openMain } from '../database/session.ts'
import { describe } from '../http/contract.ts'
import { GUARDED } from '../http/refusal.ts'
import { realTime } from '../http/timestamp.ts'
import { authenticateClient } from './authenticate-client.ts'
import { readClientForm } from './client-request.ts'
import { Introspection, OAuthError, TokenQuery } from './connect.schema.ts'
import { type Held, readHeldToken, revokeToken } from './held-token.ts'
import { signToken } from './issue-token.ts'
import { answerGranted, answerTokenRefusal, TOKEN_HEADERS, TokenRefusal } from './token-refusal.ts'

const FIELDS = ['token', 'token_type_hint']
const JWT_TYPE = 'token-introspection+jwt'
const HINTS = ['access_token', 'refresh_token']

export const introspectRoutes = new Hono<AppEnv>()
  .post(
    '/connect/introspect',
    describe(
      {
        operationId: 'Connect_Introspect',
        summary: 'Whether a token of the client holds, and what is in it.',
        evidence: 'framework default',
        answer: Introspection,
        otherMedia: `application/${JWT_TYPE}`,
        bodiless: [401],
        form: TokenQuery,
        answers: { 400: OAuthError, 429: OAuthError },
        refusals: ['tooLarge', 'unsupportedMediaType'],
        proof: 'client',
      },
      async (c) => {
        try {
          return await introspect(c)
        } catch (error) {
          const isClient = !(error instanceof TokenRefusal) || error.code === 'missing_token'
          // Real server: an empty 401 for whoever is not a client (the framework's source).
          return isClient ? answerTokenRefusal(c, error) : c.body(null, 401, GUARDED)
        }
      },
    ),
  )
  .post(
    '/connect/revocation',
    describe(
      {
        operationId: 'Connect_Revocation',
        summary:
          'Ends a refresh token, with all that came from the same sign-in. Access tokens hold until they expire.',
        evidence: 'framework default',
        form: TokenQuery,
        answers: { 400: OAuthError, 429: OAuthError },
        refusals: ['tooLarge', 'unsupportedMediaType'],
        status: 200,
        proof: 'client',
      },
      async (c) => {
        try {
          await revoke(c)
          return c.body(null, 200, GUARDED)
        } catch (error) {
          return answerTokenRefusal(c, error)
        }
      },
    ),
  )

async function introspect(c: Context<AppEnv>) {
  const { credentials, form } = await readClientForm(c, FIELDS)
  const token = form.get('token')
  if (token !== undefined) return answerIntrospection(c, await readHeldToken(c, credentials, token))
  await authenticateClient(c.env, openMain(c), credentials)
  throw new TokenRefusal('missing_token')
}

async function revoke(c: Context<AppEnv>) {
  const { credentials, form } = await readClientForm(c, FIELDS)
  const [token, hint] = [form.get('token'), form.get('token_type_hint')]
  const isKnown = hint === undefined || HINTS.includes(hint)
  if (token !== undefined && isKnown) return revokeToken(c, credentials, token)
  await authenticateClient(c.env, openMain(c), credentials)
  throw new TokenRefusal(token === undefined ? 'invalid_request' : 'unsupported_token_type')
}

/** Real server: the claims without the scopes, then `active`, then the scopes as one text (the framework's source). */
async function answerIntrospection(c: Context<AppEnv>, { clientId, claims }: Held) {
  const { scope, ...others } = claims ?? {}
  const answer = claims ? { ...others, active: true, scope: [scope].flat().join(' ') } : { active: false }
  if (c.req.header('Accept')?.toLowerCase() !== `application/${JWT_TYPE}`) return answerGranted(answer)
  const iat = Math.floor((c.get('control')?.now() ?? realTime()).milliseconds / 1000)
  const said = { iss: issuerOf(c), iat, aud: clientId, token_introspection: answer }
  const signed = await signToken(await keyRing(c.env), said, undefined, JWT_TYPE)
  return c.body(signed, 200, { ...TOKEN_HEADERS, 'Content-Type': `application/${JWT_TYPE}` })
}
