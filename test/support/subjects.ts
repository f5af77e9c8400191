// Accounts, groups and settings for requests to be about, under the same ids in several partitions.
import { env } from 'cloudflare:workers'
import { Database } from '../../src/database/database.ts'
import { plantEntities } from '../../src/directory/directory.seed.ts'
import { USER_TYPE } from '../../src/directory/member.ts'
import { plantGroups } from '../../src/groups/group.seed.ts'
import { customGroup, user } from './tenant.ts'
import type { Subject } from './well-formed-requests.ts'

/** What a request takes from whom it reaches: all but the partition it names. */
export type Target = Omit<Subject, 'partitionGlobalId' | 'settingId'>

const robot = (id: string) => ({ ...user(id), type: USER_TYPE.robotAccount })

/** Plants `count` targets in each of the partitions, in an order that all of them share. */
export async function plantTargets(partitions: readonly string[], count: number): Promise<Target[]> {
  const id = () => crypto.randomUUID()
  const targets = Array.from({ length: count }, () => {
    const [groupId, robotAccountId, userId] = [id(), id(), id()]
    return { groupId, robotAccountId, userId, key: `key-${userId}` }
  })
  const accounts = targets.flatMap(({ userId, robotAccountId }) => [user(userId), robot(robotAccountId)])
  const groups = targets.map(({ groupId, userId }) => customGroup(groupId, `group-${groupId}`, [userId]))
  for (const partition of partitions) {
    await new Database(env.DB).batch(...plantEntities(partition, accounts), ...plantGroups(partition, groups))
  }
  return targets
}

/** Gives the partition a setting under each key; the row ids, in the order of the keys. */
export async function plantSettings(partition: string, keys: readonly string[]): Promise<number[]> {
  const insert = `insert into settings (partition_id, key, value) select ?, value, 'kept' from json_each(?) order by key returning id`
  const { results } = await env.DB.prepare(insert).bind(partition, JSON.stringify(keys)).all<{ id: number }>()
  return results.map(({ id }) => id)
}
