// Whatever is sent, by whoever may do everything: it is answered or refused, never a failure of the server, and
// nothing is written.
import { env } from 'cloudflare:workers'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  all,
  groupId,
  looksUp,
  matches,
  member,
  named,
  partitionGlobalId,
  refused,
  send,
  token,
} from '../support/every-operation.ts'
import { requestsTo } from '../support/malformed-requests.ts'
import { adminOf, answer, call, createPartition, customGroup } from '../support/tenant.ts'

/** `npm run test:fuzz` sends more. */
const TIMES = env.FUZZ_SECONDS ? 20 : 1

/** In requests for each operation: a body gives more to get wrong. */
const RUNS = { withBody: 350 * TIMES, withoutBody: 125 * TIMES }

const partitionAdmin = await adminOf(partitionGlobalId)

await answer(
  await call('PUT', '/api/Setting', {
    token,
    json: { partitionGlobalId, settings: [{ key: 'kept', value: 'value' }] },
  }),
)

async function dump() {
  const tables = await env.DB.prepare(
    "select name from sqlite_master where type = 'table' and name not like '\\_cf%' escape '\\'",
  ).all<{ name: string }>()
  const rows = await env.DB.batch(tables.results.map(({ name }) => env.DB.prepare(`select * from "${name}"`)))
  return tables.results.map(({ name }, index) => [name, rows[index]?.results])
}

const before = await dump()
const seen = new Set<number>()

describe('a malformed request', () => {
  test('would change something if it were written', () => {
    const filled = before.filter(([, rows]) => rows?.length).map(([name]) => name)
    expect(filled).toEqual(
      expect.arrayContaining(['partitions', 'groups', 'group_members', 'settings', 'signing_keys']),
    )
  })

  test.each(named(all))(
    '%s > is no failure of the server and changes nothing',
    { timeout: TIMES * 300_000 },
    async (_, operation) => {
      const { json, form } = operation.contract
      await fc.assert(
        fc.asyncProperty(
          requestsTo(operation),
          fc.constantFrom(token, partitionAdmin),
          async ({ aim: { path, method, body }, query, headers, type }, bearer) => {
            const sent = { path: `${path}?${query}`, method, headers, type, token: bearer }
            const reads = method === 'GET' || method === 'HEAD'
            const response = await send(operation, reads ? sent : { ...sent, body })
            seen.add(response.status)
            expect(response.status).toBeLessThan(500)
            const lookup = all.some((other) => looksUp(other) && other.method === method && matches(other.path, path))
            if (!reads && !lookup) expect(response.status).toBeGreaterThanOrEqual(400)
            if (response.status >= 400 && method !== 'HEAD') await refused(response, response.status)
          },
        ),
        { seed: 20_240_229, numRuns: json || form ? RUNS.withBody : RUNS.withoutBody },
      )
      expect(await dump()).toEqual(before)
    },
  )

  test('meets every kind of refusal', () => {
    expect([...seen]).toEqual(expect.arrayContaining([200, 400, 403, 404, 405, 409, 413, 415]))
  })
})

const encode = (text: string) => encodeURIComponent(text.toWellFormed())

describe('text that is hard to keep', () => {
  // Escaped, as the report of a test has to be well-formed.
  const hard = [
    'a\\u0000b',
    '\\u0000',
    '\\ud800',
    'a\\udfffb',
    '\\ufeffa',
    '\\u202ea',
    '\\u0085',
    'e\\u0301',
    '\\uffff',
  ]

  test.each(hard)('`%s` is kept as it is, or refused', async (escaped) => {
    const text: string = JSON.parse(`"${escaped}"`)
    const same = JSON.stringify(text)
    const group = crypto.randomUUID()
    const partition = await createPartition({ groups: [customGroup(group, 'A group')] })
    const renamed = await call('PUT', `/api/Group/${partition}/${group}`, { token, json: { name: text } })
    if (renamed.status !== 400) {
      const { name, displayName } = await answer<{ name: string; displayName: string }>(renamed)
      expect([name, displayName].map((kept) => JSON.stringify(kept))).toEqual([same, same])
    }
    const json = { partitionGlobalId: partition, settings: [{ key: text, value: text }] }
    const written = await call('PUT', '/api/Setting', { token, json })
    if (written.status !== 400) {
      const [setting] = await answer<{ key: string; value: string }[]>(written)
      expect([setting?.key, setting?.value].map((kept) => JSON.stringify(kept))).toEqual([same, same])
    }
  })

  test.each(['\\u0000', '\\u0000x', '\\ud800', ' ', '\\u0301'])(
    '`%s` behind an id makes it another id',
    async (escaped) => {
      const end: string = JSON.parse(`"${escaped}"`)
      const found = { [`${partitionGlobalId}/${groupId}`]: 200, [`${partitionGlobalId}/${groupId}${end}`]: 400 }
      for (const [path, status] of Object.entries(found)) {
        await answer(await call('GET', `/api/Group/${path.split('/').map(encode).join('/')}`, { token }), status)
      }
      const unknown = { name: 'Lawyers', directoryUserIDsToAdd: [`${member}${end}`] }
      await answer(await call('PUT', `/api/Group/${partitionGlobalId}/${groupId}`, { token, json: unknown }), 400)
      const key = `partitionGlobalId=${partitionGlobalId}&key=${encode(`kept${end}`)}`
      expect(await answer(await call('GET', `/api/Setting?${key}`, { token }))).toEqual([])
    },
  )
})
