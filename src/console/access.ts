// What the key in hand may do. The server decides that; it is known here so that nothing is offered which would be refused.

/** As the server calls them: the control token, a team's key, a tenant's key. */
export type KeyKind = 'root' | 'team' | 'tenant'

/** The least of the keys that may call an operation, where a tenant's is not enough. */
export const LEAST_KEYS = {
  createTenant: 'team',
  forkTenant: 'team',
  listKeys: 'team',
  readAudit: 'team',
  createKey: 'root',
  revokeKey: 'root',
} as const satisfies Readonly<Record<string, KeyKind>>

const KINDS: readonly KeyKind[] = ['tenant', 'team', 'root']

/** Keys begin with their kind; the control token is any other text. */
export const kindOf = (key: string): KeyKind => (/^ie_(team|tenant)_/.exec(key)?.[1] as KeyKind | undefined) ?? 'root'

/** Whether a key is one of the kind that is needed, or more. */
export const isEnough = (key: string, needed: KeyKind): boolean => KINDS.indexOf(kindOf(key)) >= KINDS.indexOf(needed)

export const mayCall = (key: string, operation: keyof typeof LEAST_KEYS): boolean =>
  isEnough(key, LEAST_KEYS[operation])
