// A whole tenant as a document: what a seed is written as, and what a dump answers with.
import * as z from 'zod/mini'
import { scopeName } from '../auth/scope.schema.ts'
import { storable } from '../http/text.ts'

const text = (max = 256) => z.string().check(z.maxLength(max), storable)
const optional = z.optional(z.nullable(text()))
const id = z.optional(text().check(z.minLength(1)))
const instant = z.optional(z.nullable(text(40).check(z.regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,7})?$/))))
const json = z.optional(z.nullable(text(100_000).check(z.refine(isJson, 'The value is not valid JSON.'))))
const flag = z.optional(z.boolean())

function isJson(value: string): boolean {
  try {
    JSON.parse(value)
    return true
  } catch {
    return false
  }
}

/** What all accounts have. What is left out is made up or empty. */
const account = {
  id,
  displayName: optional,
  source: optional,
  creationTime: instant,
  lastModificationTime: instant,
  /** Where the account stands among all of the directory. Those without come last. */
  order: z.optional(z.int()),
}

const UserSeed = z.object({
  ...account,
  userName: text().check(z.minLength(1)),
  email: optional,
  name: optional,
  surname: optional,
  jobTitle: optional,
  companyName: optional,
  city: optional,
  department: optional,
  lastLoginTime: instant,
  legacyId: z.optional(z.nullable(z.int())),
  emailConfirmed: flag,
  isActive: flag,
  bypassBasicAuthRestriction: flag,
  invitationAccepted: flag,
  category: z.optional(z.int()),
  /** As this tenant keeps them, never the password itself. */
  passwordHash: z.optional(z.nullable(text(1000))),
  passwordHistory: json,
  extensionAttributes: json,
})

const GroupSeed = z.object({
  id,
  name: text().check(z.minLength(1)),
  /** 0 built-in, 1 custom. */
  type: z.optional(z.enum({ builtIn: 0, custom: 1 })),
  creationTime: instant,
  lastModificationTime: instant,
  /** Ids, or names, of accounts of this document. */
  members: z.optional(z.array(text())),
})

const SettingSeed = z.object({
  /** Kept where no other setting has it. */
  id: z.optional(z.int().check(z.minimum(1), z.maximum(2 ** 31 - 1))),
  key: text(1024).check(z.minLength(1)),
  value: z.optional(z.nullable(text(1_048_576))),
  /** The user it belongs to, by id or name; none for the tenant's own. */
  user: z.optional(z.nullable(text())),
})

const ClientSeed = z.object({
  id,
  /** Made up where it is left out. */
  secret: z.optional(text().check(z.minLength(8))),
  /** All that there are where they are left out. */
  scopes: z.optional(z.array(scopeName())),
})

/** At most so many accounts, groups or settings. */
const MAX_ENTRIES = 200_000

const list = <Item extends z.ZodMiniType>(item: Item) => z.optional(z.array(item).check(z.maxLength(MAX_ENTRIES)))

export const TenantDocument = z.object({
  $schema: z.optional(z.string()),
  users: list(UserSeed),
  robotAccounts: list(z.object({ ...account, name: text().check(z.minLength(1)) })),
  applications: list(z.object({ ...account, name: text().check(z.minLength(1)), applicationId: optional })),
  groups: list(GroupSeed),
  settings: list(SettingSeed),
  /** OAuth clients of the tenant. Their secrets are not kept, so a dump has none. */
  clients: z.optional(z.array(ClientSeed).check(z.maxLength(100))),
  /** Ids of users that were deleted. */
  formerUsers: list(text()),
})
export type TenantDocument = z.infer<typeof TenantDocument>
export type DocumentClient = z.infer<typeof ClientSeed>
export type DocumentUser = z.infer<typeof UserSeed>
