// Properties of the vendor's schemas that mean nothing here: never in an answer, and without effect in a request. They are
// declared all the same, as programs that are typed by the vendor's document name them.
import type { Schema } from './schema.ts'

export const UNSERVED: Readonly<Record<string, Record<string, Schema>>> = {}
