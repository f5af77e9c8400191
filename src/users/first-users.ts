// The first users of a partition, for the answer to whoever made a tenant.
import { and, eq } from 'drizzle-orm'
import { bind } from '../database/bound.ts'
import { select } from '../database/query-builder.ts'
import { type Slots, statement } from '../database/statement.ts'
import { directoryEntities } from '../directory/directory.table.ts'
import { USER_TYPE } from '../directory/member.ts'

export interface FirstUser {
  id: string
  userName: string
}

const selectUsers = statement(
  (v: Slots<{ partition: string }>) =>
    select({ id: directoryEntities.id, userName: directoryEntities.name })
      .from(directoryEntities)
      .where(and(eq(directoryEntities.partitionId, v.partition), eq(directoryEntities.type, USER_TYPE.user)))
      .orderBy(directoryEntities.seq)
      .limit(1000),
  { touches: 'partition' },
)

/** The statement that reads the first 1,000 users of `partition`, in directory order. */
export const selectFirstUsers = (partition: string) => bind(selectUsers, { partition })
