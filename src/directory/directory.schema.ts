// The directory on the wire: what can be found in it, and how it is asked.
import * as z from 'zod/mini'
import { Identifier, Identifiers, MAX_IDS } from '../http/identifier.ts'
import { enumeration } from '../http/json-target.ts'
import { notValid } from '../http/refusal.ts'
import { storable } from '../http/text.ts'
import { DirectoryApplication, DirectoryRobotUser, DirectoryUser } from './member.schema.ts'

/** A DirectoryEntityType of the wire. Assumed: robot accounts count as users. */
export const ENTITY_TYPE = { user: 0, group: 1, application: 2 } as const
export type EntityType = (typeof ENTITY_TYPE)[keyof typeof ENTITY_TYPE]

/** In the order of the wire's numbers. */
const SOURCES = [
  'localUsers',
  'directoryUsers',
  'localGroups',
  'directoryGroups',
  'robotAccounts',
  'applications',
] as const
export type SourceFilter = (typeof SOURCES)[number]

/** An enumeration arrives as a name in any case or as a number, in a string or not. */
function entityType(value: unknown): EntityType | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined
  const asked = String(value).trim().toLowerCase()
  return Object.entries(ENTITY_TYPE).find(([name, number]) => asked === name || asked === String(number))?.[1]
}

function sourceFilter(value: string): SourceFilter | undefined {
  const asked = value.trim().toLowerCase()
  return SOURCES.find((name, number) => asked === name.toLowerCase() || asked === String(number))
}

// Real server: the type and the sources cannot be asked for together (documented). Assumed: the text.
const notTogether = z.refine<{ entityType: unknown; sourceFilter: readonly unknown[] }>(
  ({ entityType: type, sourceFilter: sources }) =>
    type === undefined || sources.every((source) => source === undefined),
  { path: ['entityType'], error: 'The entityType and sourceFilter fields cannot be used together.' },
)

export const SearchQuery = z
  .object({
    startsWith: z.string().check(z.minLength(1), z.maxLength(256), storable),
    entityType: z.pipe(
      z.optional(z.string().check(z.refine((value) => !value || entityType(value) !== undefined, { error: notValid }))),
      z.transform((value) => entityType(value)),
    ),
    sourceFilter: z._default(
      z.array(
        z.pipe(
          z.string().check(z.refine((value) => !value || sourceFilter(value) !== undefined, { error: notValid })),
          z.transform(sourceFilter),
        ),
      ),
      [],
    ),
    /** Real server: for Active Directory alone. There is none here, and it changes nothing. */
    scope: z.optional(z.string()),
  })
  .check(notTogether)

// Real server: the type's name and the text for what is none of it (captured error bodies), and that what is left out is a
// user.
const EntityTypeText = enumeration(
  z.pipe(
    z._default(
      z
        .unknown()
        .check(
          z.refine(
            (value) => entityType(value) !== undefined,
            'The value is not valid: user, group or application expected.',
          ),
        ),
      ENTITY_TYPE.user,
    ),
    z.transform((value) => entityType(value) ?? ENTITY_TYPE.user),
  ),
  {
    type: 'UiPath.IdentityServer.Directory.Abstractions.DataContracts.DirectoryEntityType',
    accepts: (value) => entityType(value) !== undefined,
  },
)

const name = z.string().check(storable)

export const Resolve = z.object({ entityId: Identifier, entityType: EntityTypeText })

export const ResolveByName = z.object({ entityName: name.check(z.minLength(1)), entityType: EntityTypeText })

/** The handler checks the names: the real server refuses them with another body than a validation problem's. */
export const BulkResolveByName = z.object({
  entityNames: z.optional(z.nullable(z.array(z.nullable(name)))),
  entityType: EntityTypeText,
  scope: z.optional(z.nullable(z.string())),
})

const listed = z.array(Identifier.check(z.maxLength(256), storable)).check(z.maxLength(MAX_IDS))

/** Which types go with which ids is told by their places in the lists. */
export const BulkResolve = z.object({
  entityIds: listed,
  entityTypes: z.array(
    z.pipe(
      z.union([z.string(), z.int()]).check(z.refine((given) => entityType(given) !== undefined, { error: notValid })),
      z.transform((given) => entityType(given) ?? ENTITY_TYPE.user),
    ),
  ),
})

export const Membership = z.object({ userId: Identifier, groupIds: Identifiers })

export const DirectoryEntityInfo = z.object({
  source: z.string(),
  identifier: z.string(),
  identityName: z.string(),
  displayName: z.string(),
  email: z.nullable(z.string()),
  domain: z.nullable(z.string()),
  type: z.enum(ENTITY_TYPE),
  objectType: z.string(),
})
export type DirectoryEntityInfo = z.infer<typeof DirectoryEntityInfo>

export const DirectoryGroup = z.object({
  objectType: z.literal('DirectoryGroup'),
  externalId: z.nullable(z.string()),
  source: z.string(),
  identifier: z.string(),
  name: z.string(),
  email: z.nullable(z.string()),
  displayName: z.string(),
})
export type DirectoryGroup = z.infer<typeof DirectoryGroup>

/** A user that was resolved. Real server: this order of keys, other than among a group's members (documented). */
export const ResolvedUser = z.object({ ...DirectoryUser.shape, isActive: z.boolean() })
export type ResolvedUser = z.infer<typeof ResolvedUser>

export const DirectoryEntity = z.discriminatedUnion('objectType', [
  ResolvedUser,
  DirectoryRobotUser,
  DirectoryApplication,
  DirectoryGroup,
])
export type DirectoryEntity = z.infer<typeof DirectoryEntity>

export const DirectoryScope = z.object({ name: z.string(), isDefault: z.boolean() })
export const DirectoryTenant = z.object({ id: z.string(), displayName: z.string() })
