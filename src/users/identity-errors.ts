// The rules a request can break, in the codes and words of ASP.NET Core Identity where it has them.
import type { IdentityError, IdentityResult } from './user.schema.ts'

/** A broken rule: its code, and the name, id or number it is about. */
export interface Broken {
  code: string
  subject: string | number | null
}

const DESCRIPTIONS: Readonly<Record<string, (subject: string) => string>> = {
  DuplicateUserName: (name) => `Username '${name}' is already taken.`,
  DuplicateEmail: (email) => `Email '${email}' is already taken.`,
  InvalidUserName: (name) => `Username '${name}' is invalid, can only contain letters or digits.`,
  InvalidEmail: (email) => `Email '${email}' is invalid.`,
  PasswordTooShort: (length) => `Passwords must be at least ${length} characters.`,
  PasswordRequiresNonAlphanumeric: () => 'Passwords must have at least one non alphanumeric character.',
  PasswordRequiresDigit: () => "Passwords must have at least one digit ('0'-'9').",
  PasswordRequiresLower: () => "Passwords must have at least one lowercase ('a'-'z').",
  PasswordRequiresUpper: () => "Passwords must have at least one uppercase ('A'-'Z').",
  PasswordMismatch: () => 'Incorrect password.',
  // Real server: the text (observed). Assumed: the code.
  InvalidRedirectUrl: () => 'Redirect URL is not valid',
  // Assumed: codes and texts.
  PasswordUsedBefore: () => 'The password was used before.',
  DuplicateUserId: (id) => `User id '${id}' is already taken.`,
  GroupNotFound: (id) => `Group '${id}' was not found.`,
}

/** A broken rule as it is answered. */
export const describeBroken = ({ code, subject }: Broken): IdentityError => ({
  code,
  description: DESCRIPTIONS[code]?.(String(subject ?? '')) ?? code,
})

/** The result of a request that breaks these rules; without any it succeeded. */
export const resultOf = (broken: readonly Broken[]): IdentityResult => ({
  succeeded: broken.length === 0,
  errors: broken.map(describeBroken),
})
