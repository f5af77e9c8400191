// Binds a password's hash of before there was a pepper, at a request that brings the password.
import { sql } from 'drizzle-orm'
import { type Bound, bind } from '../database/bound.ts'
import { update } from '../database/query-builder.ts'
import { type Slots, statement } from '../database/statement.ts'
import { directoryEntities } from '../directory/directory.table.ts'
import { isUser, type UserKey } from './user.queries.ts'
import { users } from './user.table.ts'

type Swap = UserKey & { former: string | null; bound: string | null }

const swapHash = statement(
  (v: Slots<Swap>) =>
    update(users)
      .set({ passwordHash: sql`${v.bound}` })
      .where(sql`${users.passwordHash} = ${v.former} and ${users.entitySeq} = (
        select ${directoryEntities.seq} from ${directoryEntities} where ${isUser(v)})`),
  { touches: 'partition' },
)

/**
 * The statement that replaces the hash `former` of a user by `bound`, both of one password. It compares as it swaps, so that a
 * password that was changed meanwhile stays; null changes nothing. It belongs at the beginning of a batch that compares the password
 * by its bound hash.
 */
export const bindPassword = (swap: Swap): Bound<unknown> => bind(swapHash, { ...swap })
