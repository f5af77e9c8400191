// Users on the wire: what is answered, and how they are looked up.
import * as z from 'zod/mini'
import { Identifier, Identifiers, OptionalIdentifier } from '../http/identifier.ts'
import { page, pageOf, searchablePage, sortBy, sortOrder } from '../http/paging.ts'
import { notValid } from '../http/refusal.ts'

/** A UserDto. Real server: this order (documented schema); `category` is newer than the schema (observed). */
export const User = z.object({
  id: z.string(),
  userName: z.string(),
  email: z.string(),
  emailConfirmed: z.boolean(),
  name: z.nullable(z.string()),
  surname: z.nullable(z.string()),
  displayName: z.string(),
  creationTime: z.string(),
  lastModificationTime: z.nullable(z.string()),
  lastLoginTime: z.nullable(z.string()),
  groupIDs: z.array(z.string()),
  legacyId: z.int(),
  isActive: z.boolean(),
  bypassBasicAuthRestriction: z.boolean(),
  type: z.int(),
  category: z.int(),
  invitationAccepted: z.boolean(),
})
export type User = z.infer<typeof User>

export const Users = pageOf(User)

/** One rule that a request breaks. */
export const IdentityError = z.object({ code: z.string(), description: z.string() })
export type IdentityError = z.infer<typeof IdentityError>

export const IdentityResult = z.object({ succeeded: z.boolean(), errors: z.array(IdentityError) })
export type IdentityResult = z.infer<typeof IdentityResult>

export const UserPath = z.object({ userId: Identifier })
// Real server: these fields (observed).
export const SORT_FIELDS = [
  ...(['id', 'userName', 'email', 'emailConfirmed', 'name', 'surname', 'displayName', 'creationTime'] as const),
  ...(['lastModificationTime', 'lastLoginTime', 'isActive', 'type', 'category', 'invitationAccepted'] as const),
] as const
export type SortField = (typeof SORT_FIELDS)[number]

export const UserSearch = z.object(searchablePage(SORT_FIELDS))

export const DeleteUsers = z.object({ partitionGlobalId: OptionalIdentifier, userIds: Identifiers })

/** A UserLoginAttemptDto. */
const LoginAttempt = z.object({
  id: z.int(),
  partitionName: z.string(),
  userId: z.nullable(z.string()),
  userNameOrEmailAddress: z.string(),
  clientIpAddress: z.nullable(z.string()),
  clientName: z.nullable(z.string()),
  browserInfo: z.nullable(z.string()),
  result: z.int(),
  creationTime: z.string(),
  partitionGlobalId: z.string(),
})

export type LoginAttempt = z.infer<typeof LoginAttempt>

export const LoginAttempts = pageOf(LoginAttempt)

const INSTANT = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,7})?)?(?:Z|[+-]\d\d:\d\d)?)?$/i

const instant = z.string().check(
  z.refine((text) => INSTANT.test(text) && !Number.isNaN(Date.parse(text.replace(' ', 'T'))), {
    error: notValid,
  }),
)

const ATTEMPT_FIELDS = [
  ...(['id', 'partitionName', 'userId', 'userNameOrEmailAddress', 'clientIpAddress', 'clientName'] as const),
  ...(['browserInfo', 'result', 'creationTime', 'partitionGlobalId'] as const),
]

export const LoginAttemptSearch = z.object({
  ...page,
  userSID: z.optional(z.string()),
  sortBy: sortBy(ATTEMPT_FIELDS),
  sortOrder,
  since: z.optional(z.union([z.literal(''), instant])),
})
