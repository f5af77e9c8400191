// The question to D1 that removes users from a partition.
import { bind, type Database } from '../database/database.ts'
import { USER_TYPE } from '../directory/member.ts'
import { countLeavingAll, countRemoved, removeEntities } from '../directory/memberships.ts'
import { selectPartition } from '../partitions/find-partition.ts'

/** Removes those of `ids` that are users, with all that hangs on them, and returns how many there were. */
export async function deleteUsers(database: Database, partition: string, ids: readonly string[]) {
  const accounts = { partition, entities: JSON.stringify(ids), type: USER_TYPE.user }
  const [[found], , , removed] = await database.batch(
    bind(selectPartition, { partition }),
    bind(countLeavingAll, accounts),
    bind(countRemoved, accounts),
    bind(removeEntities, accounts),
  )
  return { known: found !== undefined, removed: removed.length }
}
