// /connect/introspect and /connect/revocation: what a client may ask of a token it holds (RFC 7662, RFC 7009).
import { type Context, Hono } from 'hono'
import { type JWTPayload, SignJWT } from 'jose'
import { presentedTo } from '../auth/authorize.ts'
import { issuerOf } from '../auth/issuer.ts'
import { ALGORITHM, keyRing } from '../auth/keys.ts'
import { InvalidToken, verifiedClaims } from '../auth/verify.ts'
import type { AppEnv } from '../database/session.ts'
import { describe } from '../http/contract.ts'
import { GUARDED } from '../http/refusal.ts'
import { realTime } from '../http/timestamp.ts'
import type { ClientRow } from './client.queries.ts'
import { type ClientRequest, readClientRequest } from './client-request.ts'
import { Introspection, TokenQuery } from './connect.schema.ts'
import { answerTokenRefusal, TOKEN_HEADERS, TokenRefusal } from './token-refusal.ts'

const FIELDS = ['token', 'token_type_hint']
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
        form: TokenQuery,
        proof: 'client',
      },
      async (c) => {
        try {
          const { client, form } = await readClientRequest(c, FIELDS)
          const token = form.get('token')
          if (token === undefined) throw new TokenRefusal('missing_token')
          return await answerIntrospection(c, client, await describeToken(c, client, token))
        } catch (error) {
          if (!(error instanceof TokenRefusal) || error.code === 'missing_token') return answerTokenRefusal(c, error)
          // Real server: an empty 401 for whoever is not a client (the framework's source).
          return c.body(null, 401, GUARDED)
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
        status: 200,
        proof: 'client',
      },
      async (c) => {
        try {
          await revoke(c, await readClientRequest(c, FIELDS))
          return c.body(null, 200, GUARDED)
        } catch (error) {
          return answerTokenRefusal(c, error)
        }
      },
    ),
  )

async function revoke(_: Context<AppEnv>, { form }: ClientRequest) {
  if (!form.has('token')) throw new TokenRefusal('invalid_request')
  const hint = form.get('token_type_hint')
  if (hint !== undefined && !HINTS.includes(hint)) throw new TokenRefusal('unsupported_token_type')
}

/** The claims of a token that holds, with its kind; undefined for any other. Real server: a client sees its own alone (the framework's source). */
async function describeToken(c: Context<AppEnv>, client: ClientRow, token: string): Promise<JWTPayload | undefined> {
  const claims = await accessTokenClaims(c, token)
  if (claims?.['client_id'] !== client.id || claims['prt_id'] !== client.partitionId) return undefined
  return { ...claims, token_type: 'access_token' }
}

async function accessTokenClaims(c: Context<AppEnv>, token: string): Promise<JWTPayload | undefined> {
  try {
    return await verifiedClaims(c.env, presentedTo(c, token))
  } catch (error) {
    if (error instanceof InvalidToken) return undefined
    throw error
  }
}

const JWT_TYPE = 'token-introspection+jwt'

/** Real server: the claims without the scopes, then `active`, then the scopes as one text (the framework's source). */
async function answerIntrospection(c: Context<AppEnv>, client: ClientRow, claims: JWTPayload | undefined) {
  const { scope, ...others } = claims ?? {}
  const answer = claims ? { ...others, active: true, scope: [scope].flat().join(' ') } : { active: false }
  if (c.req.header('Accept')?.toLowerCase() !== `application/${JWT_TYPE}`) return c.json(answer, 200, TOKEN_HEADERS)
  const { signing } = await keyRing(c.env)
  const { milliseconds } = c.var.control?.now() ?? realTime()
  const jwt = new SignJWT({
    iss: issuerOf(c),
    iat: Math.floor(milliseconds / 1000),
    aud: client.id,
    token_introspection: answer,
  })
  const signed = await jwt.setProtectedHeader({ alg: ALGORITHM, kid: signing.kid, typ: JWT_TYPE }).sign(signing.key)
  return c.body(signed, 200, { ...TOKEN_HEADERS, 'Content-Type': `application/${JWT_TYPE}` })
}
