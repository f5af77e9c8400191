// Who calls the control plane, and what that one may do. Which operations are for which kind of key says the contract of each.

import * as z from 'zod/mini'
import type { Contract } from '../../http/contract.ts'
import { forbidden } from '../../http/refusal.ts'
import type { KeyRow } from './key.queries.ts'
import { KeyLimits } from './limits.ts'

/** `root`: the holder of the control token. */
export type CallerKind = 'root' | 'team' | 'tenant'

export interface ControlCaller {
  readonly kind: CallerKind
  /** The id of the key; `root` for the control token. */
  readonly id: string
  /** The team whose tenants it reaches; null for none. */
  readonly team: string | null
  /** The one tenant that it reaches, with a tenant's key. */
  readonly partition: string | null
  /** What it may hold, with a team's key. */
  readonly limits: KeyLimits | null
  /** Milliseconds since the epoch. */
  readonly expiresAt: number | null
}

export const ROOT: ControlCaller = {
  kind: 'root',
  id: 'root',
  team: null,
  partition: null,
  limits: null,
  expiresAt: null,
}

export function callerWith({ id, team, partitionId, limits, expiresAt }: KeyRow): ControlCaller {
  // A tenant's key has its team for the log alone; it reaches nothing by it.
  if (partitionId !== null) return { kind: 'tenant', id, team: null, partition: partitionId, limits: null, expiresAt }
  return { kind: 'team', id, team, partition: null, limits: z.parse(KeyLimits, JSON.parse(limits ?? '{}')), expiresAt }
}

/** From the least to the most. */
const KINDS: readonly CallerKind[] = ['tenant', 'team', 'root']

const NEEDED: Readonly<Record<CallerKind, string>> = {
  tenant: 'a key',
  team: 'a team’s key or the control token',
  root: 'the control token',
}

/**
 * Refuses a caller whose key is less than the operation asks for. An operation that says nothing is for the control token.
 * @throws Refusal 403
 */
export function requireKind({ kind }: ControlCaller, { operationId = 'This', key = 'root' }: Partial<Contract>) {
  if (KINDS.indexOf(kind) < KINDS.indexOf(key)) throw forbidden(`${operationId} takes ${NEEDED[key]}.`)
}

/** The tenants that a caller reaches, as values of a statement. */
export const reachOf = ({ kind, team, partition }: ControlCaller) => ({ all: kind === 'root', team, own: partition })
export type Reach = ReturnType<typeof reachOf>
