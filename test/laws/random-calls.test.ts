// Calls made at random from our OpenAPI document: none of them meets a status or a body that it does not declare. That the
// answers are looked at is the work of test/support/recorder.ts.
import { exports } from 'cloudflare:workers'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { groupId, member, partitionGlobalId, token } from '../support/every-operation.ts'
import { randomCalls } from '../support/random-calls.ts'
import { seen, undeclared } from '../support/recorder.ts'
import { ORIGIN } from '../support/tenant.ts'

const CALLS = 2000

const known = {
  ...{ partitionGlobalId, groupId, userId: member, entityId: member, userName: 'ada', email: 'ada@example.com' },
  ...{ key: 'k', name: 'A group', startsWith: 'a', userIds: [member], groupIDs: [groupId], groupIDsToAdd: [groupId] },
  ...{ grant_type: 'client_credentials', client_id: 'hogwarts-admin', client_secret: 'hogwarts-admin-secret' },
  scope: 'PM.Group',
}

test(`${CALLS} of them meet what is declared, and nothing else`, { timeout: 300_000 }, async () => {
  const statuses = new Set<number>()
  await fc.assert(
    fc.asyncProperty(randomCalls(known), async ({ method, path, body = null, type }) => {
      const headers = { Authorization: `Bearer ${token}`, ...(type && { 'Content-Type': type }) }
      const response = await exports.default.fetch(`${ORIGIN}${path}`, { method, headers, body })
      statuses.add(response.status)
      await response.text()
      expect(undeclared).toEqual([])
    }),
    { numRuns: CALLS },
  )

  expect([...statuses]).toEqual(expect.arrayContaining([200, 201, 204, 400, 404, 409]))
  expect(new Set([...seen].map((answer) => answer.split(' ')[0])).size).toBeGreaterThan(40)
})
