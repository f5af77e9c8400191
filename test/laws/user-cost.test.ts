// What operations on users cost in a partition with a crowd of them: one round trip, and rows that do not grow with it.
import { env } from 'cloudflare:workers'
import { expect, test } from 'vitest'
import { countedCalls } from '../support/counting-d1.ts'
import { adminOf, answer, createPartition, customGroup, user } from '../support/tenant.ts'

const CROWD = 20_000

const [crew, other] = [crypto.randomUUID(), crypto.randomUUID()]
const members = ['m-0', 'm-1', 'm-2']

/** Adds users with all that belongs to them, every second one to the crew. */
async function crowd(partition: string, size: number) {
  const numbers = `with recursive numbers(n) as (select 1 union all select n + 1 from numbers where n < ${size})`
  await env.DB.batch([
    env.DB.prepare(
      `insert into directory_entities (partition_id, id, type, name, email, display_name, first_name, last_name, creation_time)
       ${numbers} select ?, 'crowd-' || n, 0, 'user-' || (n * 7919 % 1000003), 'mail-' || (n * 7907 % 1000003) || '@example.com',
         'Display ' || (n * 7901 % 1000003), 'First' || (n % 1000), 'Last' || (n % 5000), '2026-01-02T03:04:05.' || n from numbers`,
    ).bind(partition),
    env.DB.prepare(
      `insert into users (entity_seq, legacy_id) select seq, seq from directory_entities
       where partition_id = ? and id like 'crowd-%'`,
    ).bind(partition),
    env.DB.prepare(
      `insert into group_members (group_seq, entity_seq) select g.seq, d.seq from directory_entities d
       cross join groups g where d.partition_id = ?1 and d.id like 'crowd-%' and d.seq % 2 and g.partition_id = ?1 and g.id = ?2`,
    ).bind(partition, crew),
    env.DB.prepare('update directory_counts set count = count + ? where partition_id = ? and type = 0').bind(
      size,
      partition,
    ),
  ])
}

const seed = () =>
  createPartition({
    entities: members.map((id) => ({ ...user(id), email: `${id}@example.com` })),
    groups: [customGroup(crew, 'Crew', members.slice(0, 2)), customGroup(other, 'Other')],
  })

async function measure(partition: string) {
  const call = await countedCalls()
  const token = await adminOf(partition)
  const page = `/api/User/users/${partition}`
  const fresh = crypto.randomUUID()
  const redirectUrl = 'https://cloud.uipath.com/portal_/acceptInvite'
  const requests = {
    'GET User': ['GET', '/api/User/m-0', undefined],
    'GET users, first page': ['GET', page, undefined],
    'GET users by userName': ['GET', `${page}?sortBy=UserName`, undefined],
    'GET users by userName, descending': ['GET', `${page}?sortBy=UserName&sortOrder=desc`, undefined],
    'GET users by displayName': ['GET', `${page}?sortBy=DisplayName`, undefined],
    'GET users by email': ['GET', `${page}?sortBy=Email`, undefined],
    'GET users by email, descending': ['GET', `${page}?sortBy=Email&sortOrder=desc`, undefined],
    'GET loginAttempts': ['GET', '/api/User/m-0/loginAttempts', undefined],
    'POST User': [
      'POST',
      '/api/User',
      { id: fresh, userName: 'fresh', email: 'f@f.f', password: 'the first 1', groupIDs: [crew] },
    ],
    'PUT User': ['PUT', '/api/User/m-0', { email: 'n@n.n', groupIDsToAdd: [other], groupIDsToRemove: [crew] }],
    changepassword: [
      'POST',
      `/api/User/${fresh}/changepassword`,
      { oldPassword: 'the first 1', newPassword: 'the second 2' },
    ],
    'DELETE User': ['DELETE', `/api/User/${fresh}`, undefined],
    'POST BulkCreate, 2 users': ['POST', '/api/User/BulkCreate', { users: [{ userName: 'a' }, { userName: 'b' }] }],
    'POST InviteUsers, 1 user': ['POST', '/api/User/InviteUsers', [{ email: 'i@i.i', redirectUrl, groupIDs: [other] }]],
    'DELETE users, 2 of 3 known': ['DELETE', '/api/User', { userIds: ['m-1', 'm-2', crypto.randomUUID()] }],
  } as const
  const costs: Record<string, { trips: number; read: number; written: number }> = {}
  for (const [name, [method, path, json]] of Object.entries(requests)) {
    const { response, trips } = await call(method, path, { token, json })
    await answer(response, method === 'DELETE' ? 204 : 200)
    const [trip] = trips
    costs[name] = { trips: trips.length, read: trip?.rowsRead ?? 0, written: trip?.rowsWritten ?? 0 }
  }
  return costs
}

test(`every operation is one round trip and reads no more rows among ${CROWD} users than among a few`, async () => {
  const small = await seed()
  await crowd(small, 10)
  const few = await measure(small)
  const crowded = await seed()
  await crowd(crowded, CROWD)
  const many = await measure(crowded)
  for (const [name, cost] of Object.entries(many)) {
    console.log(`${name}: ${cost.trips} round trip, ${cost.read} rows read, ${cost.written} written`)
    expect(cost.trips, name).toBe(1)
    expect(cost.read, name).toBeLessThanOrEqual((few[name]?.read ?? 0) + 30)
    expect(cost.read, name).toBeLessThan(100)
    expect(cost.written, name).toBe(few[name]?.written)
  }
})

test('a page far behind reads what it skips once, a search each user once', async () => {
  const call = await countedCalls()
  const partition = await seed()
  await crowd(partition, CROWD)
  const token = await adminOf(partition)
  const path = `/api/User/users/${partition}`
  const requests = {
    'skip=15000': 15_000,
    'skip=15000&sortBy=email': 15_000,
    'skip=15000&sortBy=displayName&sortOrder=desc': 15_000,
    'sortBy=surname': 2 * CROWD,
    'searchTerm=USER-1': 3 * CROWD,
    'searchTerm=nobody': 2 * CROWD,
    'searchTerm=LAST4999&sortBy=displayName': 2 * CROWD,
    'searchTerm=%C3%A9': 2 * CROWD,
  }
  for (const [query, rows] of Object.entries(requests)) {
    const { response, trips } = await call('GET', `${path}?${query}`, { token })
    await answer(response)
    expect(trips).toHaveLength(1)
    expect(trips[0]?.rowsRead).toBeLessThan(rows + 2000)
  }
})
