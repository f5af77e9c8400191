// Users in a tenant's document: what they have beyond their place in the directory, and those that are no more.
import { sql } from 'drizzle-orm'
import * as z from 'zod/mini'
import { account } from '../directory/account.seed.ts'
import { directoryEntities } from '../directory/directory.table.ts'
import { USER_TYPE } from '../directory/member.ts'
import { requireDistinct } from '../documents/distinct.ts'
import { type Beside, type EntryList, entryList, listed, PLANTED_IN } from '../documents/entry-list.ts'
import { fill, section } from '../documents/section.ts'
import { list, name, optionalFlag, optionalJson, optionalText, text } from '../documents/seed-values.ts'
import { mapInPieces } from '../http/let-others-in.ts'
import { hashPassword } from './password.ts'
import type { PepperEnv } from './pepper.ts'
import { formerUsers, users } from './user.table.ts'

export const UserSeed = z.object({
  ...account,
  userName: name,
  name: optionalText,
  surname: optionalText,
  legacyId: z.optional(z.nullable(z.int())),
  emailConfirmed: optionalFlag,
  isActive: optionalFlag,
  bypassBasicAuthRestriction: optionalFlag,
  invitationAccepted: optionalFlag,
  category: z.optional(z.int()),
  /** In a dump that leaves hashes out: whether the user has a password. Loading gives it none. */
  hasPassword: optionalFlag,
  /** What the user signs in with, in clear. Only its hash is kept. */
  password: z.optional(text().check(z.minLength(1))),
  /** As this deployment keeps them, never the password itself; `password` counts before it. */
  passwordHash: z.optional(z.nullable(text(1000))),
  passwordHistory: optionalJson,
  extensionAttributes: optionalJson,
  /** Failed attempts to sign in since the last that succeeded. */
  accessFailedCount: z.optional(z.int()),
  /** Until when the user is locked out, in milliseconds since the epoch. */
  lockoutEnd: z.optional(z.nullable(z.int())),
})
export type UserSeed = z.infer<typeof UserSeed>

const except = { entitySeq: 'it is the row of the directory that was planted of the same entry' } as const

/** What the entry of a user has of it. */
export type UserColumns = Omit<typeof users.$inferSelect, keyof typeof except>

/** Users beside the directory, whose entries they are in. */
export const besideDirectory: Beside = {
  ...listed({ table: users, except, planted: { legacyId: (value, seq) => sql`coalesce(${value}, ${seq})` } }),
  key: 'entitySeq',
  when: { column: directoryEntities.type, is: USER_TYPE.user },
}

/** A user's entry in the directory, as far as it is not like any account's. */
export const userEntry = ({ userName, name = null, surname = null, hasPassword: _, ...user }: UserSeed) => ({
  ...user,
  type: USER_TYPE.user,
  name: userName,
  firstName: name,
  lastName: surname,
  displayName: user.displayName ?? ([name, surname].filter(Boolean).join(' ') || userName),
  // The table has it false, for users who are invited.
  emailConfirmed: user.emailConfirmed ?? true,
})

/** For how many entries without a password it counts to hash one. */
const HASH = 150

/** The users with ids, and with hashes for their passwords, which are bound to the ids. */
export const withHashes = (env: PepperEnv, seeds: readonly UserSeed[]): Promise<UserSeed[]> =>
  mapInPieces(
    seeds,
    async (seed) => {
      if (seed.password === undefined) return seed
      const id = seed.id ?? crypto.randomUUID()
      return { ...seed, id, passwordHash: await hashPassword(env, id, seed.password) }
    },
    ({ password }) => (password === undefined ? 1 : HASH),
  )

const former: EntryList<readonly [id: string]> = entryList({
  name: 'formerUsers',
  rows: listed({ table: formerUsers, except: { partitionId: PLANTED_IN }, properties: { id: 0 } }),
  order: [formerUsers.id],
})

export const formerUserSection = section({
  /** Ids of users that were deleted. */
  schema: { formerUsers: list(text()) },
  lists: [former],
  async read({ formerUsers = [] }) {
    await requireDistinct(formerUsers.map((id, index) => [`formerUsers[${index}]`, id]))
    const entries = await mapInPieces(formerUsers, (id) => [id] as const)
    return [fill(former, entries)]
  },
  write: (entries) => ({ formerUsers: entries(former).map(([id]) => id) }),
})
