// What tokens, and the userinfo endpoint, tell of a user.
import { and, eq } from 'drizzle-orm'
import type { Database } from '../database/database.ts'
import { select } from '../database/query-builder.ts'
import { type Slots, statement } from '../database/statement.ts'
import { directoryEntities } from '../directory/directory.table.ts'
import { isUser, type UserKey } from './user.queries.ts'
import { users } from './user.table.ts'

const selectClaims = statement(
  (v: Slots<UserKey>) =>
    select({
      id: directoryEntities.id,
      partitionId: directoryEntities.partitionId,
      userName: directoryEntities.name,
      email: directoryEntities.email,
      emailConfirmed: users.emailConfirmed,
      displayName: directoryEntities.displayName,
      firstName: directoryEntities.firstName,
      lastName: directoryEntities.lastName,
    })
      .from(directoryEntities)
      .innerJoin(users, eq(users.entitySeq, directoryEntities.seq))
      .where(and(isUser(v), eq(users.isActive, true))),
  { touches: 'partition' },
)

/** The claims of a user; undefined if there is no such user, or it is deactivated. */
export async function findUserClaims(database: Database, key: UserKey) {
  const row = await database.first(selectClaims, key)
  return row && { sub: row.id, prt_id: row.partitionId, ...profileOf(row) }
}

/** Real server: these names (observed). What a user does not have is left out. */
const profileOf = (row: Profile) => ({
  name: row.displayName || row.userName,
  preferred_username: row.userName,
  ...(row.email && { email: row.email, email_verified: row.emailConfirmed }),
  ...(row.firstName && { first_name: row.firstName }),
  ...(row.lastName && { last_name: row.lastName }),
})

interface Profile {
  userName: string
  displayName: string
  email: string
  emailConfirmed: boolean
  firstName: string | null
  lastName: string | null
}
