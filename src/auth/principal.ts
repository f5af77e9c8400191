// Who a verified token speaks for.
import type { JWTPayload } from 'jose'
import type { LoggedCaller } from '../http/log.ts'
import { HOST_PARTITION } from '../partitions/partition.table.ts'

export interface Principal extends LoggedCaller {
  readonly clientId: string | undefined
  /** The signed-in user; none when an application acts for itself. */
  readonly userId: string | undefined
  /** The partition the token was issued for. */
  readonly partition: string | undefined
  readonly scopes: ReadonlySet<string>
  /** The client may not write anything: it may read from a replica, since there is no write of its own to miss there. */
  readonly readOnly: boolean
  /** May ask for faults with the header `Prefer`. */
  readonly mayPrefer: boolean
  /** May act on every partition, the host partition included. */
  readonly hostAdmin: boolean
}

/** Reads a principal off the claims of a token whose signature, issuer, audience and times hold. */
export function principalOf(claims: JWTPayload): Principal {
  const hostAdmin = /^true$/i.test(text(claims['host']) ?? '')
  return {
    clientId: text(claims['client_id']),
    userId: isUser(claims) ? text(claims.sub) : undefined,
    partition: partitionOf(claims) ?? (hostAdmin ? HOST_PARTITION : undefined),
    scopes: new Set(scopesOf(claims['scope'])),
    readOnly: claims['read_only'] === true,
    mayPrefer: claims['prefer'] === true,
    hostAdmin,
  }
}

/** The partition a token says it was issued for. */
export const partitionOf = (claims: JWTPayload) => text(claims['prt_id']) ?? text(claims['organization_id'])

/**
 * Real server: `sub_type` tells whether `sub` is a user (`user`) or the client itself (`service.external`) (documented).
 * Assumed: a token without one is a user's, if it is not the client's own id that it has: it opens less than a client's.
 */
function isUser({ sub, sub_type, client_id }: JWTPayload): boolean {
  const type = text(sub_type)
  return type === undefined ? sub !== client_id : type === 'user'
}

const text = (claim: unknown) => (typeof claim === 'string' && claim !== '' ? claim : undefined)

// Real server: an array of strings; clients accept a space-separated string as well, and so does this.
function scopesOf(claim: unknown): string[] {
  if (typeof claim === 'string') return claim.split(' ').filter(Boolean)
  return Array.isArray(claim) ? claim.filter((scope) => typeof scope === 'string') : []
}
