// Settings on the wire.
import * as z from 'zod/mini'
import { OptionalIdentifier } from '../http/identifier.ts'
import { storable } from '../http/text.ts'

export const Setting = z.object({
  id: z.int(),
  key: z.string(),
  value: z.nullable(z.string()),
  partitionGlobalId: z.string(),
  userId: z.nullable(z.string()),
})
export type Setting = z.infer<typeof Setting>

export const SettingLookup = z.object({
  key: z._default(z.array(z.string()), []),
  partitionGlobalId: OptionalIdentifier,
  userId: OptionalIdentifier,
})

// Assumed: the limits; none is published. The vendor's own keys have at most 60 characters.
export const WriteSettings = z.object({
  settings: z
    .array(
      z.object({
        key: z.string().check(z.minLength(1), z.maxLength(1024), storable),
        value: z.optional(z.nullable(z.string().check(storable))),
      }),
    )
    .check(z.maxLength(1000)),
  partitionGlobalId: OptionalIdentifier,
  userId: OptionalIdentifier,
})
