// What grants are for, and what they keep beside their columns.
import type { HandleUse } from '../secrets/handle.ts'

/** Kinds of grants, by what their handles are called in token requests. */
export type GrantKind = HandleUse

/** What a grant keeps as JSON: when (seconds since the epoch) and how its user signed in, and what a code is bound to. */
export interface GrantDetails {
  readonly authTime: number
  readonly amr: string
  readonly redirectUri?: string
  readonly codeChallenge?: string
  readonly nonce?: string
  /** Of a device code: when the device asked last, by the tenant's clock; and whether the user said no. */
  readonly polledAt?: number
  readonly denied?: true
}
