// Signs tokens for tests: valid ones with any claims, and tokens that are broken in one chosen way.
import { Hono } from 'hono'
import { base64url, type JWTPayload } from 'jose'
import * as z from 'zod/mini'
import { issuerOf } from '../../auth/issuer.ts'
import { keyRing } from '../../auth/keys.ts'
import { scopeName } from '../../auth/scope.schema.ts'
import { SCOPES } from '../../auth/scopes.ts'
import { claimsFor, LIFETIME, signToken } from '../../connect/issue-token.ts'
import { created } from '../../http/ok.ts'
import { oneOf } from '../../http/one-of.ts'
import { forbidden } from '../../http/refusal.ts'
import { validate, validateStrictJson } from '../../http/validate.ts'
import type { ControlEnv } from '../access/call.ts'
import { loadArmed } from '../effects/armed.ts'
import { readClock } from '../effects/clock.ts'
import { testsClient } from '../tenants/tenant-clients.ts'
import { requireUser } from '../tenants/tenant-users.ts'
import { operation } from './operation.ts'
import { requestedTenant, TenantPath } from './tenant-path.ts'

const OTHER_SCOPES = 'A token takes scopes that there are not in its claims: {"claims":{"scope":["…"]}}.'
const OTHER_USERS = 'A token takes a user that there is not in its claims: {"claims":{"sub":"…","sub_type":"user"}}.'

const WriteToken = z.object({
  /** All that can be granted where they are left out. */
  scopes: z.optional(z.array(scopeName(OTHER_SCOPES))),
  /** Id of the tenant's user who is signed in; left out, an application acts for itself. */
  user: z.optional(z.string()),
  /** In seconds. */
  expiresIn: z.optional(z.int().check(z.minimum(1), z.maximum(315_360_000))),
  /** They take precedence over all others. Null leaves a claim out. */
  claims: z.optional(z.record(z.string(), z.unknown())),
  broken: z.optional(oneOf('value', ['expired', 'notYetValid', 'issuer', 'audience', 'tampered', 'kid'])),
})
export type WriteToken = z.infer<typeof WriteToken>

export const tokenRoutes = new Hono<ControlEnv>().post(
  '/tenants/:tenant/tokens',
  operation({
    operationId: 'mintToken',
    key: 'tenant',
    summary: 'A token of a tenant, with any claims, or broken on purpose.',
    answer: z.object({ token: z.string() }),
    status: 201,
  }),
  validate('param', TenantPath),
  validateStrictJson(WriteToken),
  async (c) => {
    const tenant = await requestedTenant(c, c.req.valid('param').tenant)
    const wanted = c.req.valid('json')
    if (c.get('call').caller.kind !== 'root') requireOwnClaims(wanted)
    if (wanted.user !== undefined) await requireUser(c.env, tenant.id, wanted.user, OTHER_USERS)
    const { milliseconds: now } = readClock((await loadArmed(c.env, tenant.id)).clock)
    const scopes = wanted.scopes ?? SCOPES
    const claims = claimsFor(issuerOf(c), testsClient(tenant, scopes), scopes, now)
    const token = await sign(await keyRing(c.env), { ...claims, ...chosenClaims(wanted, claims) }, wanted.broken)
    return created(c, { token })
  },
)

/** The claims that say whose token it is, and for which server. */
const FIXED_CLAIMS = ['prt_id', 'organization_id', 'host', 'iss', 'sub_type'] as const

/** Refuses claims by which a token of one tenant would act on another. @throws Refusal 403 */
function requireOwnClaims({ claims = {} }: WriteToken) {
  const chosen = FIXED_CLAIMS.find((name) => Object.hasOwn(claims, name))
  if (chosen !== undefined) throw forbidden(`The claim ${chosen} takes the control token.`)
}

/** The claims in which the token differs from one that the tenant would be given. Later ones take precedence. */
function chosenClaims(
  { user, expiresIn = LIFETIME, claims = {}, broken }: WriteToken,
  { iat = 0 }: JWTPayload,
): JWTPayload {
  return {
    exp: iat + expiresIn,
    ...(user !== undefined && { sub: user, sub_type: 'user' }),
    ...claims,
    ...(broken && BREAKS[broken]?.(iat)),
  }
}

// In seconds. A token is accepted as soon as the tenant's clock or the real time says so: `notYetValid` lies behind both.
const BREAKS: Partial<Record<NonNullable<WriteToken['broken']>, (now: number) => JWTPayload>> = {
  expired: (now) => ({ iat: now - 7200, nbf: now - 7200, exp: now - 3600 }),
  notYetValid: (now) => {
    const later = Math.max(now, Math.floor(Date.now() / 1000)) + 3600
    return { nbf: later, exp: later + LIFETIME }
  },
  issuer: () => ({ iss: 'https://another-issuer.invalid/identity_' }),
  audience: () => ({ aud: 'https://another-audience.invalid' }),
}

async function sign(ring: Awaited<ReturnType<typeof keyRing>>, claims: JWTPayload, broken: WriteToken['broken']) {
  const payload = Object.fromEntries(Object.entries(claims).filter(([, value]) => value !== null))
  if (broken === 'kid') return signToken(ring, payload, `unknown-${crypto.randomUUID()}`)
  const token = await signToken(ring, payload)
  return broken === 'tampered' ? tampered(token, payload) : token
}

/** The token with one claim more, under the signature of the claims without it. */
function tampered(token: string, claims: JWTPayload): string {
  const [header, , signature] = token.split('.')
  const payload = base64url.encode(JSON.stringify({ ...claims, tampered: true }))
  return [header, payload, signature].join('.')
}
