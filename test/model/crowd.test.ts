// What groups, robot accounts and the directory cost in a crowded partition: one round trip, and few rows beyond those
// returned.
import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, test } from 'vitest'
import { countedCalls } from '../support/counting-d1.ts'
import { adminOf, answer, createPartition } from '../support/tenant.ts'

/** How many users there are, a tenth as many robot accounts and groups, and one group with a tenth of the users. */
const USERS = 20_000
const TENTH = USERS / 10

const numbered = (count: number) =>
  `with recursive numbers(n) as (select 1 union all select n + 1 from numbers where n < ${count})`

const guid = (kind: number, n: number) => `${kind}0000000-0000-4000-8000-${String(n).padStart(12, '0')}`
const guidOf = (kind: number) => `'${kind}0000000-0000-4000-8000-' || printf('%012d', n)`

async function crowd(partition: string) {
  const insertEntities = (type: number, count: number) =>
    `insert into directory_entities (partition_id, id, type, name, email, display_name, creation_time) ${numbered(count)}
     select ?1, ${guidOf(type)}, ${type}, 'a' || ${type} || '-' || n, case ${type} when 0 then 'a' || n || '@x.org' else '' end, 'A ' || n, '2024-01-01T00:00:00' from numbers`
  const statements = [
    insertEntities(0, USERS),
    insertEntities(4, TENTH),
    insertEntities(5, TENTH),
    `insert into directory_counts select partition_id, type, count(*) from directory_entities where partition_id = ?1 group by 2`,
    `insert into groups (partition_id, id, name, type, creation_time) ${numbered(TENTH)}
     select ?1, ${guidOf(9)}, 'A group ' || n, 1, '2024-01-01T00:00:00' from numbers`,
    `insert into group_members select g.seq, d.seq from groups g cross join directory_entities d
     where g.partition_id = ?1 and g.id = '${guid(9, 1)}' and d.partition_id = ?1 and d.type = 0 order by d.seq limit ${TENTH}`,
    `update groups set member_count = ${TENTH} where partition_id = ?1 and id = '${guid(9, 1)}'`,
  ]
  await env.DB.batch(statements.map((sql) => env.DB.prepare(sql).bind(partition)))
}

let partition: string
let token: string
let counted: Awaited<ReturnType<typeof countedCalls>>

beforeAll(async () => {
  partition = await createPartition()
  await crowd(partition)
  token = await adminOf(partition)
  counted = await countedCalls()
}, 240_000)

async function cost(method: string, path: string, json?: unknown, status = 200) {
  const { response, trips } = await counted(method, path.replace('{p}', partition), { token, json })
  const body = await answer<{ results?: unknown[] } | unknown[] | null>(response, status)
  expect(trips).toHaveLength(1)
  const returned = Array.isArray(body) ? body.length : (body?.results?.length ?? 1)
  const [read, written] = [trips[0]?.rowsRead ?? 0, trips[0]?.rowsWritten ?? 0]
  console.log(`${method} ${path}: ${read} rows read, ${written} written, ${returned} returned`)
  return { read, beyond: read - returned, written, returned }
}

const big = guid(9, 1)
const group = guid(9, 7)
const robot = guid(4, 7)

describe('among many, less than 100 rows are read beyond those returned by', () => {
  test.each<[string, string, unknown?, number?]>([
    ['GET', `/api/Group/{p}/${group}`],
    ['GET', `/api/Group/{p}/${big}/Members`],
    ['POST', `/api/Group/{p}/${big}/CheckMembers`, [guid(0, 3), guid(0, USERS), crypto.randomUUID()]],
    ['POST', '/api/Group/BulkLoadByIds/{p}', [group, guid(9, 8), crypto.randomUUID()]],
    ['GET', `/api/RobotAccount/{p}/${robot}`],
    ['GET', '/api/RobotAccount/{p}'],
    ['GET', '/api/RobotAccount/{p}?sortBy=name'],
    ['GET', '/api/RobotAccount/{p}?sortBy=name&sortOrder=desc'],
    ['GET', '/api/RobotAccount/{p}?sortBy=displayName'],
    ['POST', '/api/Directory/Resolve/{p}', { entityId: guid(0, 9), entityType: 'user' }],
    ['POST', '/api/Directory/Resolve/{p}', { entityId: group, entityType: 'group' }],
    ['POST', '/api/Directory/ResolveByName/{p}', { entityName: 'a9@x.org', entityType: 'user' }],
    ['POST', '/api/Directory/ResolveByName/{p}', { entityName: 'A group 9', entityType: 'group' }],
    ['POST', '/api/Directory/BulkResolveByName/{p}', { entityNames: ['a0-1', 'a2@x.org', 'nix'], entityType: 'user' }],
    ['POST', '/api/Directory/GroupMembership/{p}', { userId: guid(0, 2), groupIds: [big, group] }],
    ['GET', '/api/Directory/Scopes/{p}'],
    ['GET', '/api/Directory/Tenant/{p}'],
    ['POST', '/api/Group', { id: crypto.randomUUID(), name: 'New', directoryUserMemberIDs: [guid(0, 5)] }, 201],
    ['POST', '/api/RobotAccount', { name: 'new', groupIDsToAdd: [big, group] }, 201],
    ['PUT', `/api/RobotAccount/${robot}`, { groupIDsToAdd: [big], groupIDsToRemove: [group] }],
    ['DELETE', `/api/RobotAccount/{p}/${robot}`, undefined, 204],
    ['DELETE', '/api/RobotAccount/{p}', { robotAccountIDs: [guid(4, 8), guid(4, 9)] }, 204],
    ['DELETE', `/api/Group/{p}/${group}`, undefined, 204],
    ['DELETE', '/api/Group/{p}', { groupIDs: [guid(9, 8), guid(9, 9)] }, 204],
  ])('%s %s %j', async (method, path, json, status) => {
    expect((await cost(method, path, json, status)).beyond).toBeLessThan(100)
  })
})

describe('among many', () => {
  test('a search that everything matches reads less than 1,000 rows and answers 100', async () => {
    for (const rest of [
      '',
      '&entityType=user',
      '&sourceFilter=localUsers',
      '&sourceFilter=localUsers&sourceFilter=localGroups',
      '&sourceFilter=directoryUsers',
    ]) {
      const { read, returned } = await cost('GET', `/api/Directory/Search/{p}?startsWith=A${rest}`)
      expect(read).toBeLessThan(1000)
      expect(returned).toBe(rest.endsWith('directoryUsers') ? 0 : 100)
    }
  })

  test('a late page of members reads what it skips in one index', async () => {
    const skip = TENTH - 1000
    const { read, returned } = await cost('GET', `/api/Group/{p}/${big}/Members?skip=${skip}&top=100`)
    expect(returned).toBe(100)
    expect(read).toBeLessThan(skip + 2 * 100 + 100)
  })
})
