// Keeps a grant under a new handle.
import { base64url } from 'jose'
import { type Bound, bind } from '../database/bound.ts'
import { insertGrant } from './grant.queries.ts'
import type { GrantDetails, GrantKind } from './grant-details.ts'
import { KEPT_LONGER } from './redeem.ts'

/** A grant that a client is about to get a handle for. */
export interface NewGrant {
  readonly kind: GrantKind
  /** The hash of its handle. */
  readonly hash: string
  readonly partition: string
  readonly client: string
  readonly user: string | null
  readonly sessionId: string | null
  readonly scopes: readonly string[]
  readonly details: GrantDetails
  /** In milliseconds. */
  readonly lifetime: number
  /** By the tenant's clock, in milliseconds since the epoch. */
  readonly now: number
  /** Of a device code: the hash of what its user types. */
  readonly userCodeHash?: string
}

/** The statement that keeps it. @example keepGrant({ kind: 'code', hash: handle.hash, lifetime: 300_000, now, … }) */
export const keepGrant = (grant: NewGrant): Bound<unknown> =>
  bind(insertGrant, {
    handleHash: grant.hash,
    kind: grant.kind,
    userCodeHash: grant.userCodeHash ?? null,
    partitionId: grant.partition,
    clientId: grant.client,
    userId: grant.user,
    sessionId: grant.sessionId,
    family: newFamily(),
    scopes: grant.scopes.join(' '),
    details: JSON.stringify(grant.details),
    createdAt: grant.now,
    expiresAt: grant.now + grant.lifetime,
    removeAt: Date.now() + grant.lifetime + KEPT_LONGER,
  })

/** What a code has in common with the refresh tokens that descend from it. */
export const newFamily = () => base64url.encode(crypto.getRandomValues(new Uint8Array(16)))
