// The gate of every endpoint: a verified token (401) with any one of the accepted scopes (403).
import type { Context } from 'hono'
import { createMiddleware } from 'hono/factory'
import type { AppEnv } from '../database/session.ts'
import { attach } from '../http/contract.ts'
import { forbidden, Refusal } from '../http/refusal.ts'
import { HOST_PARTITION } from '../partitions/partition.table.ts'
import { issuerOf } from './issuer.ts'
import type { Principal } from './principal.ts'
import type { Scope } from './scopes.ts'
import { type Clock, type Given, InvalidToken, type Verified, verifiedBefore, verifyToken } from './verify.ts'

/** What handlers behind {@link requireScope} know of their caller. */
export interface CallerEnv {
  Bindings: AppEnv['Bindings']
  Variables: AppEnv['Variables'] & { principal: Principal }
}

/** Lets a request pass whose token holds any one of `accepted`. Scopes are compared exactly. */
export function requireScope(...accepted: readonly [Scope, ...Scope[]]) {
  return gate(accepted, (principal) => {
    if (!accepted.some((scope) => principal.scopes.has(scope))) throw insufficientScope(principal, accepted)
  })
}

/** Lets a request pass with any verified token, whatever its scopes. */
export const requireToken = () => gate([], () => {})

function gate(scopes: readonly Scope[], admit: (principal: Principal) => void) {
  return attach(
    { scopes },
    createMiddleware<CallerEnv>(async (c, next) => {
      const begin = performance.now()
      const found = authenticate(c)
      // Waited for only where it has to be: most tokens were verified before.
      const { principal } = found instanceof Promise ? await found : found
      c.var.timing?.add('auth', performance.now() - begin)
      await c.var.control?.enter(principal.partition ?? HOST_PARTITION, principal)
      admit(principal)
      c.set('principal', principal)
      await next()
    }),
  )
}

function authenticate(c: Context<CallerEnv>): Verified | Promise<Verified> {
  const token = bearerOf(c.req.header('Authorization') ?? '')
  if (!token) throw new Refusal({ is: 'unauthenticated', challenge: 'Bearer' })
  const { control } = c.var
  const clock: Clock | undefined = control && ((partition) => control.now(partition).milliseconds)
  const given = { issuer: issuerOf(c), token, clock }
  return verifiedBefore(c.env, given) ?? verify(c, given)
}

async function verify(c: Context<CallerEnv>, given: Given): Promise<Verified> {
  try {
    return await verifyToken(c.env, given)
  } catch (error) {
    if (!(error instanceof InvalidToken)) throw error
    if (error.untimely) c.var.control?.depend(error.untimely)
    throw new Refusal({ is: 'unauthenticated', challenge: challenge(given.issuer, error.message) })
  }
}

/** The token behind the scheme, which is matched in any case. */
export const bearerOf = (authorization: string) =>
  authorization.slice(0, 7).toLowerCase() === 'bearer ' ? authorization.slice(7).trim() : ''

function challenge(realm: string, description: string): string {
  // RFC 6750, section 3: no quotes, backslashes or control characters in a description.
  const safe = description.replace(/[^\x20-\x7e]|["\\]/g, '').slice(0, 200)
  return `Bearer realm="${realm}", error="invalid_token", error_description="${safe}"`
}

// Real server: this text, the trailing space included (captured error bodies). Assumed: the status.
function insufficientScope(principal: Principal, accepted: readonly Scope[]): Refusal {
  const expected = accepted.map((scope) => `'${scope}'`).join(' or ')
  return forbidden(`Scope(s) '${[...principal.scopes].join(',')}' is(are) invalid. Expect to have ${expected}. `)
}
