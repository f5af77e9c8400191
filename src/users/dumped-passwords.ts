// Password hashes in documents: left out unless asked for, and of use only where the pepper is that they are bound to.
import { isBoundHere } from './password.ts'
import type { PepperEnv } from './pepper.ts'
import type { UserSeed } from './user.section.ts'

/** A user without the hashes of its passwords, and whether it has one. */
export function withoutHashes({ passwordHash, passwordHistory: _, ...user }: UserSeed): UserSeed {
  return passwordHash ? { ...user, hasPassword: true } : user
}

/**
 * The names of those of `users` whose passwords do not hold here and have to be set anew: the document leaves the hash out, or it is
 * bound to another deployment's pepper or to none. A hash that is bound to none still holds in the tenant that it is from.
 */
export async function passwordsToSet(env: PepperEnv, users: readonly UserSeed[] = []): Promise<string[]> {
  const lost: string[] = []
  for (const { userName, hasPassword, passwordHash } of users) {
    const holds = passwordHash ? await isBoundHere(env, passwordHash) : !hasPassword
    if (!holds) lost.push(userName)
  }
  return lost
}
