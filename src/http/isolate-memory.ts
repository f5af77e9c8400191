// All that an isolate remembers from one request to the next. Nothing else does at module level, so that what an isolate
// knows can be listed, bounded, and reset between tests.

/** Each thing that is remembered, with how long it is kept and what bounds it. */
export const REMEMBERED = {
  signingKeys: 'The signing keys of a database. Asked for again, at most every 30 s, for a token under another key.',
  peppers: 'The pepper of password hashes of a database. Asked for again after five minutes.',
  verifiedTokens: 'Tokens that verified, until they expire: 1,000 for each set of signing keys, the oldest goes first.',
  issuedTokens:
    'Claims of tokens that were signed here, until they are presented: 200 for each set of signing keys, the oldest goes first.',
  encryptionKeys: 'The imported ENCRYPTION_KEY and its predecessors, as long as the variables have the same values.',
  macKeys:
    'The keys of handles and cookies that are derived from ENCRYPTION_KEY, as long as the variables have the same values.',
  openedSecrets: 'Stored secrets in clear: 1,000 of up to 1,024 characters for each set of encryption keys.',
  jsonTargets: 'What a schema wants of JSON that JSON.parse refuses, compiled for the first such body.',
  fitness: 'The reasons for which a deployment must not serve with its secrets and variables.',
  placements: 'Which databases a deployment has, and the hash each starts from.',
  armed:
    'What tests have armed, as this isolate heard of it last: 10,000 partitions of each database, then the oldest goes.',
  controlKeys:
    'Keys of the control plane, by their hashes: 1,000 of each database, then the oldest goes. Each batch checks them again.',
  tenants:
    'Tenants that the control plane made or was asked for: 1,000 of each database, then the oldest goes. Batches check them again.',
  refusedCalls: 'How many calls of the control plane without a key have left a row in the audit table lately.',
  requests: 'Requests that were counted and not reported yet, of tenants with limits: 10,000 tenants of each database.',
  partitionIds: 'The ids of partitions by the names that refused requests had for them: 1,000, the oldest goes first.',
  sweeps: 'When this isolate last looked for tenants whose time is over.',
  restarted: 'Requests that were started again, because another isolate had armed something. Gone with the request.',
  listings: 'Compiled statements of pages of users: one for each order and kind of search.',
  turns: 'Which long work waits to go on, while it does.',
  robotPages: 'Compiled statements of pages of robot accounts: one for each order.',
  embeddedDatabases:
    'Local runs: the rows that were read of a database, 10,000 reads or about 32 MB, and its newest bookmark.',
  ready: 'Local runs: that the database is ready, so that requests need not wait.',
  embeddedBindings: 'Local runs: the bindings with their databases replaced by those that remember.',
  answers: 'Local runs: whole answers, 10,000 or 64 MB, and numbers for 1,000 tokens; the oldest goes first.',
  grants: 'Local runs: what clients were granted by which token request: 1,000, the oldest goes first.',
  grantedRequests: 'Local runs: what the client of a token request was granted. Gone with the request.',
  bookmarkHeaders: 'The headers of JSON answers, with the bookmark of the latest one.',
} as const satisfies Record<string, string>

export type Remembered = keyof typeof REMEMBERED

const resets = new Map<Remembered, () => void>()

function register(what: Remembered, reset: () => void) {
  if (resets.has(what)) throw new Error(`${what} is remembered in two places`)
  resets.set(what, reset)
}

/** Forgets everything, so that the isolate behaves as one that has just started. For tests. */
export function resetIsolate() {
  for (const reset of resets.values()) reset()
}

/**
 * Remembers a value for each object of a kind, such as a binding, until that object is garbage collected.
 *
 * @example
 * const ring = rings.getOrMake(env.DB, () => makeRing())
 */
export class MemoryOf<Key extends WeakKey, Value> {
  #values = new WeakMap<Key, Value>()

  constructor(what: Remembered) {
    register(what, () => {
      this.#values = new WeakMap()
    })
  }

  get = (key: Key): Value | undefined => this.#values.get(key)

  has = (key: Key): boolean => this.#values.has(key)

  set(key: Key, value: Value): Value {
    this.#values.set(key, value)
    return value
  }

  delete = (key: Key): boolean => this.#values.delete(key)

  /** The value of `key`, made when it is asked for first. */
  getOrMake(key: Key, make: (key: Key) => Value): Value {
    const known = this.#values.get(key)
    return known === undefined ? this.set(key, make(key)) : known
  }
}

/** Remembers one value. */
export class MemoryOfOne<Value> {
  value: Value | undefined

  constructor(what: Remembered) {
    register(what, () => {
      this.value = undefined
    })
  }
}

/** Remembers values by name. Without a bound: for names that the program itself has, never a caller's. */
export class MemoryByName<Value> {
  readonly #values = new Map<string, Value>()

  constructor(what: Remembered) {
    register(what, () => this.#values.clear())
  }

  getOrMake(name: string, make: () => Value): Value {
    const known = this.#values.get(name)
    if (known !== undefined) return known
    const made = make()
    this.#values.set(name, made)
    return made
  }
}
