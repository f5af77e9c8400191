// Paths that read like the routes' own templates are paths like any others.
import { describe, expect, test } from 'vitest'
import { app } from '../../src/app.ts'
import { operations } from '../../src/http/contract.ts'
import { adminOf, call, createPartition, mint } from '../support/tenant.ts'

const templates = operations(app).filter(({ path }) => path.includes(':'))

describe.each(templates.map(({ method, path }) => [method, path] as const))('%s %s', (method, path) => {
  test.each([path, path.replace(/:\w+$/, '%25'), path.replace(/:\w+/, ':partitionGlobalId%2541')])(
    'as %s',
    async (literal) => {
      const token = await adminOf(await createPartition())
      const body = method === 'GET' ? {} : { json: { name: 'Renamed', users: [], settings: [] } }
      const response = await call(method, literal, { token, ...body })
      const text = await response.text()
      expect(response.status, text).toBeGreaterThanOrEqual(400)
      expect(response.status, text).toBeLessThan(500)
    },
  )
})

test('a group may have such an id', async () => {
  const partition = await createPartition({
    groups: [
      {
        id: ':groupId',
        name: 'Odd',
        type: 1,
        creationTime: '2024-01-01T00:00:00',
        lastModificationTime: null,
        members: [],
      },
    ],
  })
  const response = await call('GET', `/api/Group/${partition}/:groupId`, { token: await mint({ prt_id: partition }) })
  expect(await response.json()).toMatchObject({ id: ':groupId' })
})
