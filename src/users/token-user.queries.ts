// What tokens say of a user.
import { eq } from 'drizzle-orm'
import { select } from '../database/query-builder.ts'
import { type Slots, statement } from '../database/statement.ts'
import { directoryEntities } from '../directory/directory.table.ts'
import { isUser, type UserKey } from './user.queries.ts'
import { users } from './user.table.ts'

export interface TokenUser {
  id: string
  userName: string
  email: string
  emailConfirmed: boolean
  firstName: string | null
  lastName: string | null
  displayName: string
  isActive: boolean
}

/** What is selected for a {@link TokenUser}. */
export const tokenUserFields = {
  id: directoryEntities.id,
  userName: directoryEntities.name,
  email: directoryEntities.email,
  emailConfirmed: users.emailConfirmed,
  firstName: directoryEntities.firstName,
  lastName: directoryEntities.lastName,
  displayName: directoryEntities.displayName,
  isActive: users.isActive,
}

export const selectTokenUser = statement(
  (v: Slots<UserKey>) =>
    select(tokenUserFields)
      .from(directoryEntities)
      .innerJoin(users, eq(users.entitySeq, directoryEntities.seq))
      .where(isUser(v)),
  { touches: 'partition' },
)
