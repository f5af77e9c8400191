// Two partitions: whoever administers one reaches nothing of the other, by any operation, whether by its partition or by the
// ids in it, in path, query, body or list. Generated from the table of routes.
import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, test } from 'vitest'
import { ADMINISTRATORS } from '../../src/auth/administrators.ts'
import type { Operation } from '../../src/http/contract.ts'
import { all, looksUp, named, send } from '../support/every-operation.ts'
import { plantSettings, plantTargets } from '../support/subjects.ts'
import { adminOf, answer, call, createPartition, mint, user } from '../support/tenant.ts'
import { propertiesOf, type Subject, wellFormed } from '../support/well-formed-requests.ts'

const scoped = named(all.filter(({ contract }) => contract.scopes))
const namesPartition = ([, operation]: [string, Operation]) => propertiesOf(operation).includes('partitionGlobalId')
const namesThingByPath = ({ path }: Operation) => /:(?!partitionGlobalId)/.test(path)

const boss = crypto.randomUUID()
let ours: string
let theirs: string
let administrators: string[]

beforeAll(async () => {
  ours = await createPartition({ entities: [user(boss)] })
  theirs = await createPartition()
  const token = await adminOf(ours)
  const json = { name: 'Administrators', directoryUserIDsToAdd: [boss] }
  await answer(await call('PUT', `/api/Group/${ours}/${ADMINISTRATORS}`, { token, json }))
  administrators = [token, await mint({ prt_id: ours, sub: boss, sub_type: 'user' })]
})

/** Things of the other partition that nobody has touched. */
async function theirThings(): Promise<Subject> {
  const [target, other] = await plantTargets([theirs], 2)
  if (!target || !other) throw new Error('Two were to be planted.')
  const [settingId = 0] = await plantSettings(theirs, [target.key])
  const others = { otherGroupId: other.groupId, otherUserId: other.userId }
  return { ...target, ...others, settingId, partitionGlobalId: theirs }
}

/** What ties a row to a partition, by the name of a column. */
const TIES: Record<string, string> = {
  partition_id: '?1',
  entity_seq: 'select seq from directory_entities where partition_id = ?1',
  group_seq: 'select seq from groups where partition_id = ?1',
}

/** Everything that any table has of the other partition. */
async function stored() {
  const tables = await env.DB.prepare(
    "select name, sql from sqlite_master where type = 'table' and name not like '\\_cf%' escape '\\'",
  ).all<{ name: string; sql: string }>()
  const tied = tables.results.flatMap(({ name, sql }) =>
    Object.entries(TIES).flatMap(([column, rows]) =>
      new RegExp(`\\b${column}\\b`).test(sql) ? [`select * from ${name} where ${column} in (${rows})`] : [],
    ),
  )
  expect(tied.length).toBeGreaterThan(5)
  const found = await env.DB.batch(tied.map((question) => env.DB.prepare(question).bind(theirs)))
  return found.map(({ results }) => results)
}

/** Names, values and entries that only whoever reads the partition can know of. */
function contentsOf({ userId, robotAccountId, groupId, otherUserId, otherGroupId }: Subject) {
  const ids = [userId, robotAccountId, groupId, otherUserId, otherGroupId].join('|')
  return new RegExp(`User (?:${ids})|group-(?:${ids})|kept|"(?:identifier|id|name)":"(?:${ids})"`, 'i')
}

describe('an administrator of one partition', () => {
  test('is held to this by operations of every kind', () => {
    expect(scoped.filter(namesPartition).length).toBeGreaterThan(10)
    expect(scoped.filter(([, operation]) => namesThingByPath(operation)).length).toBeGreaterThan(10)
  })

  test.each(scoped.filter(namesPartition))('%s > who names the other is refused with 403', async (_, operation) => {
    const subject = await theirThings()
    const before = await stored()
    for (const token of administrators) {
      for (const partitionGlobalId of [theirs, theirs.toUpperCase()]) {
        const response = await send(operation, { ...wellFormed(operation, { ...subject, partitionGlobalId }), token })
        const text = await response.text()
        expect({ status: response.status, text }).toEqual({ status: 403, text })
        expect(text).not.toMatch(contentsOf(subject))
      }
    }
    expect(await stored()).toEqual(before)
  })

  test.each(scoped)('%s > who names its own finds nothing of the other by its ids', async (_, operation) => {
    const subject = await theirThings()
    const before = await stored()
    for (const token of administrators) {
      const sent = wellFormed(operation, { ...subject, partitionGlobalId: ours })
      const response = await send(operation, { ...sent, token })
      const text = await response.text()
      if (namesThingByPath(operation)) expect({ status: response.status, text }).toEqual({ status: 404, text })
      else expect([200, 201, 204, 400, 404], text).toContain(response.status)
      expect(text).not.toMatch(contentsOf(subject))
    }
    expect(await stored()).toEqual(before)
  })

  test.each(scoped)('%s > reaches all that in its own, by the same request', async (_, operation) => {
    const subject = await theirThings()
    const before = await stored()
    const response = await send(operation, { ...wellFormed(operation, subject), token: await adminOf(theirs) })
    const text = await response.text()
    const worked = response.status < 300
    if (!worked) expect(text).toMatch(/^\{"succeeded":false/)
    if (worked && !looksUp(operation)) expect(await stored()).not.toEqual(before)
  })
})
