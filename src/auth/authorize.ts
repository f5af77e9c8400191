// The gate of every operation with a token: the token is verified (401) and has any one of the accepted scopes (403).
import type { Context } from 'hono'
import { createMiddleware } from 'hono/factory'
import type { AppEnv } from '../database/session.ts'
import { attach, type Description } from '../http/contract.ts'
import { forbidden, Refusal } from '../http/refusal.ts'
import { HOST_PARTITION } from '../partitions/partition.table.ts'
import { issuerOf } from './issuer.ts'
import type { Principal } from './principal.ts'
import type { Role } from './roles.ts'
import type { Scope } from './scopes.ts'
import { type Clock, type Given, InvalidToken, type Verified, verifiedBefore, verifyToken } from './verify.ts'

/** What handlers behind {@link authorize} know of their caller. */
export interface CallerEnv {
  Bindings: AppEnv['Bindings']
  Variables: AppEnv['Variables'] & {
    principal: Principal
    /** Who may call the operation, by its contract. */
    callers: readonly Role[]
  }
}

/** The contract of an operation that needs a token. One that lets users call for themselves says by which property it knows them. */
type Permission = Description & {
  /** Of which a token needs any one, compared exactly; none: any token will do. */
  readonly scopes: readonly Scope[]
} & (Callers<Exclude<Role, 'self'>> | (Callers<Role> & { readonly owner: string }))

interface Callers<Named extends Role> {
  readonly callers: readonly [Named, ...Named[]]
}

/**
 * Opens the chain of an operation that needs a token: lets a request pass with any one of the scopes, and hands on who may
 * call, which `reachPartition` holds the caller to.
 *
 * @example
 * authorize({ operationId: 'Language_List', summary: '…', answer: Languages, scopes: ['PM.Setting'], callers: ADMINISTERING })
 */
export function authorize(contract: Permission) {
  const { scopes, callers } = contract
  return attach(
    contract,
    createMiddleware<CallerEnv>(async (c, next) => {
      const begin = performance.now()
      const found = authenticate(c)
      // Waited for only where it has to be: most tokens were verified before.
      const { principal } = found instanceof Promise ? await found : found
      c.var.timing?.add('auth', performance.now() - begin)
      await c.var.control?.enter(principal.partition ?? HOST_PARTITION, principal)
      if (scopes.length > 0 && !scopes.some((scope) => principal.scopes.has(scope))) {
        throw insufficientScope(principal, scopes)
      }
      c.set('principal', principal)
      c.set('callers', callers)
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
    if (error.untimely) c.var.control?.dependOnClock(error.untimely)
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
