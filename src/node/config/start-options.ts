// What a test may say about the tenant it starts.
import type { SeedDocument } from '../library/seed-document.ts'

/** How a tenant is started. */
export interface StartOptions {
  /** What it begins with: a document, or the path of a JSON file. Without it, the organization every tenant begins with. */
  readonly seed?: SeedDocument | string
  /** The organization's name in URLs; made up unless told. */
  readonly name?: string
  /** Whether it writes down its requests, which costs each of them a round trip; true unless told. */
  readonly journal?: boolean
  /** Where it listens on 127.0.0.1. 0, the default, takes any free port. */
  readonly port?: number
  /** A directory to keep data in, which one tenant may use at a time. Without it the data goes with the tenant. */
  readonly stateDir?: string
  /** The issuer in its tokens; without it, its own origin and `/identity_`. */
  readonly issuer?: string
  /** Gives up a start under way. */
  readonly signal?: AbortSignal
}
