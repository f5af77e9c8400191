// The organization of the documented calls. Its contents are a document like any other seed.
import type { PartitionSeed } from '../partitions/partition.seed.ts'
import derived from './hogwarts.derived.json' with { type: 'json' }
import document from './hogwarts.seed.json' with { type: 'json' }

export const HOGWARTS: PartitionSeed = { id: 'magic-7', name: 'hogwarts' }

/** Not checked yet: it is read like a document that comes from outside. */
export const HOGWARTS_DOCUMENT: unknown = document

export const HOGWARTS_SETTINGS = document.settings

/**
 * What the hashes of its users' passwords bind (`derivePassword`), in base64url, by the users' ids: deriving it takes a twentieth of
 * a local start.
 */
export const HOGWARTS_DERIVED: ReadonlyMap<string, string> = new Map(Object.entries(derived))
