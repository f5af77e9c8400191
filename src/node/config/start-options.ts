// The options of `startTenant`.
import type { SeedDocument } from '../library/seed-document.ts'

/**
 * How `startTenant` starts a server with a tenant.
 *
 * @example
 * ```ts
 * const options: StartOptions = { seed: './seeds/school.json', port: 8787, journal: false }
 * const tenant = await startTenant(options)
 * ```
 */
export interface StartOptions {
  /** The tenant's first state: a document, or the path of a JSON file. By default the built-in groups and three users. */
  readonly seed?: SeedDocument | string | undefined
  /** The organization's name in URLs: up to 63 letters, digits and inner hyphens. Made up by default. */
  readonly name?: string | undefined
  /** Whether the tenant keeps a journal, which costs each request a write to the database. True by default. */
  readonly journal?: boolean | undefined
  /** The TCP port on 127.0.0.1. 0, the default, takes any free one. */
  readonly port?: number | undefined
  /** Whether the server speaks https, with a certificate of its own: `tenant.certificate`. False by default. */
  readonly https?: boolean | undefined
  /** A directory to keep data in, for one server at a time. By default a temporary one, removed with the server. */
  readonly stateDir?: string | undefined
  /** The issuer in tokens. By default the server's origin with `/identity_`. */
  readonly issuer?: string | undefined
  /**
   * The key of the server's control plane, for other processes that call it. By default a random one, which
   * `tenant.connection` has.
   */
  readonly controlToken?: string | undefined
  /** Aborts a start that is under way: `startTenant` rejects with the signal's reason, and no process stays behind. */
  readonly signal?: AbortSignal | undefined
}
