// How objects are written whose properties are all known.
import type { $ZodTypes, JSONSchema } from 'zod/v4/core'

/** Marks objects as closed (`additionalProperties: false`), unless their schema is open, as `unknownNames` refuses others. */
export function closeObject({ zodSchema, jsonSchema }: { zodSchema: $ZodTypes; jsonSchema: JSONSchema.BaseSchema }) {
  const { def } = zodSchema._zod
  if (def.type === 'object' && def.catchall === undefined) jsonSchema.additionalProperties = false
}
