// Groups on the wire.
import * as z from 'zod/mini'
import { Member } from '../directory/member.schema.ts'
import {
  canonicalId,
  Identifier,
  Identifiers,
  isGuid,
  isNewGuid,
  OptionalIdentifier,
  OptionalIdentifiers,
} from '../http/identifier.ts'
import { page, pageOf } from '../http/paging.ts'
import { notValid } from '../http/refusal.ts'
import { storable } from '../http/text.ts'
import { PartitionPath } from '../partitions/partition.schema.ts'

/**
 * The built-in group that every user and robot account is in without a row in `group_members`. Real server: the same
 * GUID in every organization.
 */
export const EVERYONE = 'ce684f6f-5af3-4e43-8516-1adad6e98fc9'

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

export const GroupPath = z.object({ groupId: Identifier })
export const PartitionGroupPath = z.object({ ...PartitionPath.shape, groupId: Identifier })

export const WriteGroup = z.object({
  partitionGlobalId: OptionalIdentifier,
  // Assumed: the limit. A missing name is a conflict (409), not a validation problem: the handler refuses it.
  name: z.optional(z.nullable(z.string().check(z.maxLength(256), storable))),
  directoryUserIDsToAdd: OptionalIdentifiers,
  directoryUserIDsToRemove: OptionalIdentifiers,
})
export type WriteGroup = z.infer<typeof WriteGroup>

export const CreateGroup = z.object({
  partitionGlobalId: OptionalIdentifier,
  // Real server: the client makes up the id (observed). Assumed: all zeros is what it takes for none. Where an id may be
  // none of a GUID is for the partition to say.
  id: z.pipe(
    z.string().check(
      z.minLength(1),
      z.maxLength(256),
      storable,
      z.refine((id) => !isGuid(canonicalId(id)) || isNewGuid(canonicalId(id)), { error: notValid }),
    ),
    z.transform((id) => (isGuid(canonicalId(id)) ? canonicalId(id).toLowerCase() : id)),
  ),
  name: z.string().check(z.maxLength(256), z.regex(/\S/, 'The group name is required.'), storable),
  directoryUserMemberIDs: OptionalIdentifiers,
})

export const DeleteGroups = z.object({ groupIDs: Identifiers })

export const MemberPage = z.object(page)
export const MemberIds = pageOf(z.object({ id: z.string(), type: z.int() }))
