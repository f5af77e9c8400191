// Turns the entries of a request into the users to create, and checks the rules that need no database.
import { foldName } from '../http/fold-name.ts'
import { foldId } from '../http/identifier.ts'
import type { Broken } from './identity-errors.ts'
import type { NewUserBase } from './write-user.schema.ts'

export interface NewUser {
  id: string
  userName: string
  email: string
  /** The folds of both. */
  userNameKey: string
  emailKey: string
  name: string | null
  surname: string | null
  /** Null for one made of `name` and `surname`. */
  displayName: string | null
  /** Null for the `seq` of its directory entity. */
  legacyId: number | null
  bypassBasicAuthRestriction: boolean
  invitationAccepted: boolean
  passwordHash: string | null
}

/** A broken rule and the place in the list of the user that breaks it. */
export interface RowRule extends Broken {
  row: number
}

/** Assumed: an account that is made by others has nothing to accept, unless the request says so. */
export function newUser(given: NewUserBase, passwordHash: string | null = null): NewUser {
  const { userName, email, name = null, surname = null, legacyId = null } = given
  return {
    id: given.id ?? crypto.randomUUID(),
    userName: userName ?? '',
    email: email ?? '',
    userNameKey: foldName(userName ?? ''),
    emailKey: foldName(email ?? ''),
    name,
    surname,
    displayName: given.displayName?.trim() ? given.displayName : null,
    legacyId,
    bypassBasicAuthRestriction: given.bypassBasicAuthRestriction ?? false,
    invitationAccepted: given.invitationAccepted ?? true,
    passwordHash,
  }
}

// Real server: an empty name is refused (observed). Assumed: what else is.
const USER_NAME = /^(?![\s\p{Cc}])[^\p{Cc}]+(?<!\s)$/u

/** Invalid names, and names, emails and ids that an earlier user of the list has. */
export function brokenWithin(listed: readonly NewUser[]): RowRule[] {
  const [names, emails, ids] = [new Set<string>(), new Set<string>(['']), new Set<string>()]
  return listed.flatMap(({ userName, userNameKey, email, emailKey, id }, row) => {
    const broken: RowRule[] = []
    if (!USER_NAME.test(userName)) broken.push({ row, code: 'InvalidUserName', subject: userName })
    else if (names.has(userNameKey)) broken.push({ row, code: 'DuplicateUserName', subject: userName })
    if (email !== '' && emails.has(emailKey)) broken.push({ row, code: 'DuplicateEmail', subject: email })
    if (ids.has(id)) broken.push({ row, code: 'DuplicateUserId', subject: id })
    names.add(userNameKey)
    emails.add(emailKey)
    ids.add(id)
    return broken
  })
}

/** The ids, each of them once. */
export const uniqueIds = (ids: readonly string[]): string[] => [...new Map(ids.map((id) => [foldId(id), id])).values()]
