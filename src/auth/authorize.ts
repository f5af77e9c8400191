// The middleware of every operation that needs a token: verifies the token (401) and checks that it has one of the
// accepted scopes (403).
import type { Context } from 'hono'
import { createMiddleware } from 'hono/factory'
import type { AppEnv } from '../database/session.ts'
import { attach, type Description } from '../http/contract.ts'
import { forbidden, type Reason, Refusal } from '../http/refusal.ts'
import { HOST_PARTITION } from '../partitions/partition.table.ts'
import { issuerOf } from './issuer.ts'
import type { Principal } from './principal.ts'
import type { Role } from './roles.ts'
import type { Scope } from './scopes.ts'
import { type Clock, InvalidToken, type PresentedToken } from './token-claims.ts'
import { type Verified, verifiedBefore, verifyToken } from './verify.ts'

/** The part of a request's context that is needed to tell who presents a token. */
interface BearerContext {
  set(key: 'principal', principal: Principal): void
  get(key: 'timing'): AppEnv['Variables']['timing']
  get(key: 'control'): AppEnv['Variables']['control']
  readonly env: Cloudflare.Env
  readonly req: Pick<Context['req'], 'url'>
}

/** The context variables of handlers behind {@link authorize}: who calls, and who may. */
export interface CallerEnv {
  Bindings: AppEnv['Bindings']
  Variables: AppEnv['Variables'] & {
    principal: Principal
    /** The roles that may call the operation, by its contract. */
    callers: readonly Role[]
  }
}

/**
 * The contract of an operation that needs a token. If it names the role `self`, it says which property of the request has
 * the id of the user.
 */
type Permission = Description & {
  /** Scopes of which a token needs any one, compared exactly. Empty: any token is accepted. */
  readonly scopes: readonly Scope[]
  /** False for an operation that does not call `reachPartition`, and so is refused for no role and no partition. */
  readonly reachesPartition?: false
} & (Callers<Exclude<Role, 'self'>> | (Callers<Role> & { readonly owner: string }))

interface Callers<Allowed extends Role> {
  readonly callers: readonly [Allowed, ...Allowed[]]
}

/** What a caller may be refused for: its token, its scopes and its role, and the partition that it reaches. */
function refusalsOf({ scopes, reachesPartition }: Permission): readonly Reason['is'][] {
  const ofPartition: Reason['is'][] = reachesPartition === false ? [] : ['forbidden', 'unknownId', 'notFound']
  return ['unauthenticated', ...(scopes.length > 0 ? (['forbidden'] as const) : []), ...ofPartition]
}

/**
 * Stands first among the middleware of an operation that needs a token. It checks the scopes alone; the roles that may
 * call are handed on to `reachPartition`, as whether they apply depends on the partition.
 *
 * @example
 * authorize({ operationId: 'Language_List', summary: '…', answer: Languages, scopes: ['PM.Setting'], callers: ADMINISTERING })
 */
export function authorize(contract: Permission) {
  const { scopes, callers, refusals = [] } = contract
  return attach(
    { ...contract, refusals: [...refusalsOf(contract), ...refusals] },
    createMiddleware<CallerEnv>(async (c, next) => {
      const principal = await authenticate(c)
      if (scopes.length > 0 && !scopes.some((scope) => principal.scopes.has(scope))) {
        throw insufficientScope(principal, scopes)
      }
      c.set('callers', callers)
      await next()
    }),
  )
}

async function authenticate(c: Context<CallerEnv>): Promise<Principal> {
  const token = bearerOf(c.req.header('Authorization') ?? '')
  if (!token) throw new Refusal({ is: 'unauthenticated', challenge: 'Bearer' })
  try {
    return await principalBy(c, token)
  } catch (error) {
    if (!(error instanceof InvalidToken)) throw error
    throw new Refusal({ is: 'unauthenticated', challenge: challenge(issuerOf(c), error.message) })
  }
}

/**
 * Whom an access token speaks for. From here on the request is that caller's: what is armed for the token's partition
 * takes place.
 * @throws InvalidToken
 */
export async function principalBy(c: BearerContext, token: string): Promise<Principal> {
  const begin = performance.now()
  const presented = presentedTo(c, token)
  const verified = verifiedBefore(c.env, presented) ?? verify(c, presented)
  // Most tokens were verified before and are found at once; an `await` would let other requests go first.
  const { principal } = verified instanceof Promise ? await verified : verified
  c.get('timing')?.add('auth', performance.now() - begin)
  await c.get('control')?.enter(principal.partition ?? HOST_PARTITION, principal)
  c.set('principal', principal)
  return principal
}

/** A token as this request presents it: to its issuer, by the clock of the token's partition. */
export function presentedTo(c: Pick<BearerContext, 'env' | 'req' | 'get'>, token: string): PresentedToken {
  const control = c.get('control')
  const clock: Clock | undefined = control && ((partition) => control.now(partition).milliseconds)
  return { issuer: issuerOf(c), token, clock }
}

async function verify(c: BearerContext, presented: PresentedToken): Promise<Verified> {
  try {
    return await verifyToken(c.env, presented)
  } catch (error) {
    if (error instanceof InvalidToken && error.untimely) c.get('control')?.dependOnClock(error.untimely)
    throw error
  }
}

/** The token in an Authorization header, behind `Bearer` in any case of letters; empty where there is none. */
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
