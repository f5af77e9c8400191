// Robot accounts on the wire.
import * as z from 'zod/mini'
import { Identifier, Identifiers, OptionalIdentifier, OptionalIdentifiers } from '../http/identifier.ts'
import { pageOf, searchablePage } from '../http/paging.ts'
import { storable } from '../http/text.ts'
import { PartitionPath } from '../partitions/partition.schema.ts'

export const RobotAccount = z.object({
  id: z.string(),
  name: z.string(),
  displayName: z.string(),
  creationTime: z.string(),
  lastLoginTime: z.nullable(z.string()),
  groupIds: z.array(z.string()),
})
export type RobotAccount = z.infer<typeof RobotAccount>

export const RobotAccountPage = pageOf(RobotAccount)

export const SORT_FIELDS = ['id', 'name', 'displayName', 'creationTime', 'lastLoginTime', 'groupIds'] as const
export type SortField = (typeof SORT_FIELDS)[number]

export const RobotAccountQuery = z.object(searchablePage(SORT_FIELDS))

export const RobotAccountPath = z.object({ robotAccountId: Identifier })
export const PartitionRobotAccountPath = z.object({ ...PartitionPath.shape, robotAccountId: Identifier })

// Assumed: the limit.
const text = z.string().check(z.maxLength(256), storable)

/** A blank name counts as left out. */
const DisplayName = z.pipe(
  z.optional(z.nullable(text)),
  z.transform((name) => (name?.trim() ? name : null)),
)

export const CreateRobotAccount = z.object({
  partitionGlobalId: OptionalIdentifier,
  name: text.check(z.regex(/\S/, 'The name field is required.')),
  displayName: DisplayName,
  groupIDsToAdd: OptionalIdentifiers,
})

/** Real server: the name cannot be changed (documented). */
export const WriteRobotAccount = z.object({
  partitionGlobalId: OptionalIdentifier,
  displayName: DisplayName,
  groupIDsToAdd: OptionalIdentifiers,
  groupIDsToRemove: OptionalIdentifiers,
})

export const DeleteRobotAccounts = z.object({ robotAccountIDs: Identifiers })
