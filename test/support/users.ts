// What tests of users share: reading them back, from their own side and from their groups'.
import { expect } from 'vitest'
import type { Group } from '../../src/groups/group.schema.ts'
import type { IdentityError, IdentityResult, User } from '../../src/users/user.schema.ts'
import { answer, call } from './tenant.ts'

/** The properties of a user in their order on the wire. */
export const EVERY_FIELD = [
  ...['id', 'userName', 'email', 'emailConfirmed', 'name', 'surname', 'displayName', 'creationTime'],
  ...['lastModificationTime', 'lastLoginTime', 'groupIDs', 'legacyId', 'isActive', 'bypassBasicAuthRestriction'],
  ...['type', 'category', 'invitationAccepted'],
]

export interface Page {
  totalCount: number
  results: User[]
}

/** The user in the partition of the token. */
export const findUser = async (token: string, id: string) =>
  answer<User>(await call('GET', `/api/User/${id}`, { token }))

/** A page of the partition's users; `query` starts with a question mark. */
export const stored = async (token: string, partition: string, query = '') =>
  answer<Page>(await call('GET', `/api/User/users/${partition}${query}`, { token }))

/** The group with its members. */
export const groupOf = async (token: string, partition: string, group: string) =>
  answer<Group>(await call('GET', `/api/Group/${partition}/${group}`, { token }))

/** What a result that did not succeed names as its reasons. */
export async function errorsOf(response: Response, status = 400): Promise<IdentityError[]> {
  const result = await answer<IdentityResult>(response, status)
  expect(Object.keys(result)).toEqual(['succeeded', 'errors'])
  expect(result.succeeded).toBe(false)
  return result.errors
}
