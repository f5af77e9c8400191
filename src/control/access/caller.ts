// Who calls the control plane, and what that one may do. Which operations are for which kind of key says the contract of each.

import * as z from 'zod/mini'
import type { Contract } from '../../http/contract.ts'
import { forbidden } from '../../http/refusal.ts'
import { ROOT_LOG } from './audit.queries.ts'
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
  /** The log of its calls in the audit table, where they are not about a tenant of a team. */
  readonly log: string
}

export const ROOT: ControlCaller = {
  kind: 'root',
  id: 'root',
  team: null,
  partition: null,
  limits: null,
  expiresAt: null,
  log: ROOT_LOG,
}

export function callerWith({ id, team, partitionId, limits, expiresAt }: KeyRow): ControlCaller {
  const common = { id, expiresAt }
  if (partitionId !== null) {
    // It reaches nothing by its team. Without one it has a log of its own: it could displace the operator's rows.
    const log = team ?? `tenant ${partitionId}`
    return { ...common, kind: 'tenant', team: null, partition: partitionId, limits: null, log }
  }
  const limited = z.parse(KeyLimits, JSON.parse(limits ?? '{}'))
  return { ...common, kind: 'team', team, partition: null, limits: limited, log: team ?? ROOT_LOG }
}

/** From the least to the most. */
const KINDS: readonly CallerKind[] = ['tenant', 'team', 'root']

const NEEDED: Readonly<Record<CallerKind, string>> = {
  tenant: 'a key',
  team: 'a team’s key or the control token',
  root: 'the control token',
}

/** Whether a caller's key is enough for an operation. One that says nothing is for the control token. */
export const mayCall = ({ kind }: ControlCaller, { key = 'root' }: Partial<Contract>): boolean =>
  KINDS.indexOf(kind) >= KINDS.indexOf(key)

/** 403 for a key that is not enough. */
export const wrongKind = ({ operationId = 'This', key = 'root' }: Partial<Contract>) =>
  forbidden(`${operationId} takes ${NEEDED[key]}.`)

/** The tenants that a caller reaches, as values of a statement. */
export const reachOf = ({ kind, team, partition }: ControlCaller) => ({ all: kind === 'root', team, own: partition })
export type Reach = ReturnType<typeof reachOf>
