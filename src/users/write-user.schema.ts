// Users as clients send them: to create, to invite, to change.
import * as z from 'zod/mini'
import { canonicalId, isNewGuid, OptionalIdentifier, OptionalIdentifiers } from '../http/identifier.ts'
import { notValid } from '../http/refusal.ts'
import { storable } from '../http/text.ts'
import { IdentityResult, User } from './user.schema.ts'

// Assumed: the limits; none is published. The framework's own columns have 256 characters.
const text = z.string().check(z.maxLength(256), storable)
const optionalText = z.optional(z.nullable(text))

const EMAIL = /^[^@\s\p{Cc}]+@[^@\s\p{Cc}]+$/u

export const isEmail = (email: string) => EMAIL.test(email)

// Real server: the message, and that no email is none to check (observed).
const email = text.check(z.refine((given) => given === '' || isEmail(given), 'The field Email is invalid.'))

const flag = z.optional(z.nullable(z.boolean()))

/** An id of a user to be: a GUID other than the one of all zeros; absent, null and empty for one made up here. */
const newId = z.pipe(
  z.optional(
    z.nullable(z.string().check(z.refine((id) => id === '' || isNewGuid(canonicalId(id)), { error: notValid }))),
  ),
  z.transform((id) => (id ? canonicalId(id).toLowerCase() : null)),
)

// Assumed: what is created here are users. Robots, robot accounts and applications have endpoints of their own.
const userType = z
  .union([z.int(), z.string()])
  .check(z.refine((type) => /^(?:user|0)$/i.test(String(type)), { error: notValid }))

const newUser = {
  id: newId,
  userName: optionalText,
  email: z.optional(z.nullable(email)),
  name: optionalText,
  surname: optionalText,
  displayName: optionalText,
  type: z.optional(z.nullable(userType)),
  bypassBasicAuthRestriction: flag,
  legacyId: z.optional(z.nullable(z.int())),
  invitationAccepted: flag,
}

const NewUserBase = z.object(newUser)
export type NewUserBase = z.infer<typeof NewUserBase>

export const CreateUser = z.object({
  ...newUser,
  partitionGlobalId: OptionalIdentifier,
  password: optionalText,
  // Assumed: a password is checked unless the caller says otherwise.
  validatePassword: flag,
  groupIDs: OptionalIdentifiers,
})

/** The most memberships that one request makes: each is a row, and others wait while they are written. Assumed. */
const MAX_MEMBERSHIPS = 10_000

const tooMany = (what: string) => `${what} make more than ${MAX_MEMBERSHIPS} memberships.`

export const CreateUsers = z
  .object({
    // Assumed: the limit.
    users: z.array(NewUserBase).check(z.maxLength(1000)),
    partitionGlobalId: OptionalIdentifier,
    groupIDs: OptionalIdentifiers,
  })
  .check(
    z.refine(({ users, groupIDs }) => users.length * groupIDs.length <= MAX_MEMBERSHIPS, {
      path: ['groupIDs'],
      error: tooMany('The users and the groups that each is to be in'),
    }),
  )

// Real server: not the plain IdentityResult of its OpenAPI document (observed).
export const CreatedUsers = z.object({ result: IdentityResult, users: z.array(User) })

const InvitedUser = z.object({
  email: optionalText,
  name: optionalText,
  surname: optionalText,
  redirectUrl: z.optional(z.nullable(z.string())),
  groupIDs: OptionalIdentifiers,
  language: z.optional(z.nullable(z.string())),
})
export type InvitedUser = z.infer<typeof InvitedUser>

// Assumed: the limits.
export const InviteUsers = z.array(InvitedUser).check(
  z.minLength(1),
  z.maxLength(100),
  z.refine((entries) => entries.reduce((sum, { groupIDs }) => sum + groupIDs.length, 0) <= MAX_MEMBERSHIPS, {
    error: tooMany('The entries and their groups'),
  }),
)

export const InvitedUsers = z.object({
  result: IdentityResult,
  users: z.array(
    z.object({ email: z.string(), id: z.string(), errorMsg: z.nullable(z.string()), success: z.boolean() }),
  ),
})

export const UpdateUser = z.object({
  name: optionalText,
  surname: optionalText,
  displayName: optionalText,
  email: z.optional(z.nullable(email)),
  isActive: flag,
  password: optionalText,
  groupIDsToAdd: OptionalIdentifiers,
  groupIDsToRemove: OptionalIdentifiers,
  bypassBasicAuthRestriction: flag,
  invitationAccepted: flag,
  // Assumed: the limits.
  extensionUserAttributesToAddOrUpdate: z.optional(
    z.nullable(z.record(text, z.string().check(z.maxLength(4096), storable))),
  ),
  extensionUserAttributesToRemove: z.optional(z.nullable(z.array(text))),
})
export type UpdateUser = z.infer<typeof UpdateUser>

export const ChangePassword = z.object({
  oldPassword: z.string().check(z.maxLength(256), storable),
  newPassword: z.string().check(z.minLength(1), z.maxLength(256), storable),
})
