// The organization of the documented calls. Its contents are a document like any other seed.
import type { PartitionSeed } from '../partitions/partition.seed.ts'
import document from './hogwarts.seed.json' with { type: 'json' }

export const HOGWARTS: PartitionSeed = { id: 'magic-7', name: 'hogwarts' }

/** Not checked yet: it is read like a document that comes from outside. */
export const HOGWARTS_DOCUMENT: unknown = document

export const HOGWARTS_SETTINGS = document.settings
