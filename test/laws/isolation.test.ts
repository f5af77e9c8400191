// Two partitions with the same ids: what a request answers where they meet. That nothing of another partition is reached by
// any operation is held by isolation-law.test.ts.
import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, test } from 'vitest'
import { adminOf, answer, call, createPartition, customGroup, user } from '../support/tenant.ts'

const ZOE = '7e57ab1e-0000-4000-8000-00000000000a'

const GROUP = crypto.randomUUID()
const THEIR_GROUP = crypto.randomUUID()
const ROBOT = crypto.randomUUID()
const THEIR_ROBOT = crypto.randomUUID()
const robot = (id: string, name: string) => ({ ...user(id), type: 4, name })

let ours: string
let theirs: string
let token: string

beforeAll(async () => {
  ours = await createPartition({
    entities: [user('ann'), robot(ROBOT, 'roby')],
    groups: [customGroup(GROUP, 'Crew', ['ann'])],
  })
  theirs = await createPartition({
    entities: [user('ann'), user(ZOE), robot(ROBOT, 'roby'), robot(THEIR_ROBOT, 'rita')],
    groups: [customGroup(GROUP, 'Crew', [ZOE, ROBOT]), customGroup(THEIR_GROUP, 'Theirs', [ZOE])],
  })
  await env.DB.prepare("insert into settings (partition_id, key, value) values (?, 'k', 'v')").bind(theirs).run()
  token = await adminOf(ours)
})

/** Everything stored of the other partition. */
async function stored() {
  const of = (sql: string) => env.DB.prepare(sql).bind(theirs)
  const results = await env.DB.batch([
    of('select * from groups where partition_id = ? order by seq'),
    of('select * from directory_entities where partition_id = ? order by seq'),
    of('select * from directory_counts where partition_id = ? order by type'),
    of('select * from settings where partition_id = ? order by id'),
    of('select m.* from group_members m join groups g on g.seq = m.group_seq where g.partition_id = ? order by 1, 2'),
  ])
  return results.map((result) => result.results)
}

/** Requests that name `p`, and ids of the other partition. */
const requests = (p: string): [string, string, unknown?][] => [
  ['POST', '/api/Group', { partitionGlobalId: p, id: crypto.randomUUID(), name: 'Theirs' }],
  ['PUT', `/api/Group/${THEIR_GROUP}`, { partitionGlobalId: p, name: 'Ours', directoryUserIDsToRemove: [ZOE] }],
  ['PUT', `/api/Group/${p}/${THEIR_GROUP}`, { name: 'Ours', directoryUserIDsToRemove: [ZOE] }],
  ['GET', `/api/Group/${p}/${THEIR_GROUP}`],
  ['GET', `/api/Group/${p}/${THEIR_GROUP}/Members`],
  ['POST', `/api/Group/${p}/${THEIR_GROUP}/CheckMembers`, [ZOE]],
  ['DELETE', `/api/Group/${p}/${THEIR_GROUP}`],
  ['GET', `/api/RobotAccount/${p}/${THEIR_ROBOT}`],
  ['PUT', `/api/RobotAccount/${THEIR_ROBOT}`, { partitionGlobalId: p, displayName: 'Ours' }],
  ['DELETE', `/api/RobotAccount/${p}/${THEIR_ROBOT}`],
  ['POST', `/api/Directory/Resolve/${p}`, { entityId: ZOE }],
  ['POST', `/api/Directory/ResolveByName/${p}`, { entityName: ZOE }],
]

/** Requests that name `p`, and work with whatever ids. */
const lists = (p: string): [string, string, unknown?][] => [
  ['GET', `/api/Group/${p}`],
  ['DELETE', `/api/Group/${p}`, { groupIDs: [THEIR_GROUP] }],
  ['POST', `/api/Group/BulkLoadByIds/${p}`, [THEIR_GROUP]],
  ['GET', `/api/RobotAccount/${p}?searchTerm=rita`],
  ['DELETE', `/api/RobotAccount/${p}`, { robotAccountIDs: [THEIR_ROBOT] }],
  ['GET', `/api/Directory/Search/${p}?startsWith=7e57`],
  ['POST', `/api/Directory/BulkResolveByName/${p}`, { entityNames: [ZOE] }],
  ['POST', `/api/Directory/GroupMembership/${p}`, { userId: ZOE, groupIds: [GROUP, THEIR_GROUP] }],
  ['DELETE', '/api/Setting', { settings: ['k'], partitionGlobalId: p }],
]

describe('an administrator of one partition', () => {
  test('who names its own finds no id of the other, and nothing of it changes', async () => {
    const before = await stored()
    const [create, ...others] = requests(ours)
    if (create) await answer(await call(create[0], create[1], { token, json: create[2] }), 201)
    for (const [method, path, json] of others) {
      const response = await call(method, path, { token, json })
      expect([path, response.status]).toEqual([path, 404])
    }
    for (const [method, path, json] of lists(ours)) {
      const response = await call(method, path, { token, json })
      const text = await response.text()
      expect([200, 204], `${path} ${text}`).toContain(response.status)
      expect(text, path).not.toMatch(/"(identifier|id|name)":"(7e57ab1e-0000-4000-8000-00000000000a|rita)"/)
    }
    expect(await stored()).toEqual(before)
  })

  test('changes only its own among the same ids', async () => {
    const before = await stored()
    const change = { partitionGlobalId: ours, groupIDsToAdd: [GROUP], displayName: 'Changed' }
    await answer(await call('PUT', `/api/RobotAccount/${ROBOT}`, { token, json: change }))
    const page = await answer(await call('GET', `/api/Group/${ours}/${GROUP}/Members`, { token }))
    expect(page).toEqual({
      totalCount: 2,
      results: [
        { id: 'ann', type: 0 },
        { id: ROBOT, type: 4 },
      ],
    })
    const resolved = await call('POST', `/api/Directory/Resolve/${ours}`, { token, json: { entityId: ROBOT } })
    expect(await answer(resolved)).toMatchObject({ displayName: 'Changed' })
    for (const path of [`RobotAccount/${ours}/${ROBOT}`, `Group/${ours}/${GROUP}`]) {
      expect((await call('DELETE', `/api/${path}`, { token })).status).toBe(204)
    }
    const bulk = { robotAccountIDs: [ROBOT], groupIDs: [GROUP] }
    for (const room of ['RobotAccount', 'Group']) {
      expect((await call('DELETE', `/api/${room}/${ours}`, { token, json: bulk })).status).toBe(204)
    }
    expect(await stored()).toEqual(before)
  })
})
