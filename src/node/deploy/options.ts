// What a deployment is asked for, and what it works with.
import type { Place } from './account.ts'
import type { Web } from './check.ts'
import type { Wrangler } from './wrangler.ts'

export interface Tools {
  wrangler: Wrangler
  web: Web
  print: (line: string) => void
  /** The directory of bundles, and of the address each deployment was last found at. */
  outDir: string
}

export interface Options {
  /** Names of secrets to replace by new ones. */
  rotate: readonly string[]
  /** The first client's secret, if the user has it, to check that it works. */
  clientSecret: string | undefined
  /** The key to seal under, if the Worker has none; without it one is made. */
  encryptionKey?: string | undefined
  /** Where the primaries of new databases are to stand; by default near whoever deploys. */
  place?: Place
  /** The Worker's control token, if the user has it, to fill names that lack their keys. */
  controlToken?: string | undefined
}
