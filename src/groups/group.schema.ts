// Groups on the wire.
import * as z from 'zod/mini'
import { Member } from '../directory/member.schema.ts'
import { Identifier, OptionalIdentifier } from '../http/identifier.ts'
import { storable } from '../http/text.ts'

/** A GroupType of the wire. */
export const GROUP_TYPE = { builtIn: 0, custom: 1 } as const

export const Group = z.object({
  id: z.string(),
  name: z.string(),
  displayName: z.string(),
  type: z.enum(GROUP_TYPE),
  creationTime: z.string(),
  lastModificationTime: z.nullable(z.string()),
  members: z.array(Member),
})
export type Group = z.infer<typeof Group>

export const PartitionPath = z.object({ partitionGlobalId: Identifier })
export const GroupPath = z.object({ groupId: Identifier })
export const PartitionGroupPath = z.object({ partitionGlobalId: Identifier, groupId: Identifier })

const Identifiers = z.pipe(
  // Assumed: the limit. An id in a path needs none: one that long is unknown.
  z.optional(z.nullable(z.array(Identifier.check(z.maxLength(256))))),
  z.transform((ids) => ids ?? []),
)

export const WriteGroup = z.object({
  partitionGlobalId: OptionalIdentifier,
  // Assumed: the limit. Its absence is a conflict, not a validation problem, and is checked later.
  name: z.optional(z.nullable(z.string().check(z.maxLength(256), storable))),
  directoryUserIDsToAdd: Identifiers,
  directoryUserIDsToRemove: Identifiers,
})
export type WriteGroup = z.infer<typeof WriteGroup>
