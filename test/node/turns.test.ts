// Several large tenants that are restored at the same time take turns, so that those of others are answered all the while.
import { afterEach, expect, it } from 'vitest'
import { cleanUp, newPlace, startTenant } from './command.ts'

afterEach(cleanUp)

const USERS = 2000
const AT_ONCE = 4

it('another tenant is answered between the steps of several', { timeout: 120_000 }, async () => {
  const { url } = await startTenant(await newPlace())
  const control = async (method: string, path: string, body?: unknown) => {
    const headers = { Authorization: 'Bearer local-control', 'Content-Type': 'application/json' }
    const response = await fetch(`${url}/_control${path}`, { method, headers, body: JSON.stringify(body) })
    expect(response.status, path).toBeLessThan(300)
    await response.arrayBuffer()
  }
  const users = Array.from({ length: USERS }, (_, n) => ({ userName: `user-${n}` }))
  const names = Array.from({ length: AT_ONCE }, (_, n) => `large-${n}`)
  for (const name of names) await control('POST', '/tenants', { name, seed: { users } })

  let isOver = false
  let answered = 0
  const others = async () => {
    for (; !isOver; answered++) await control('GET', '/tenants/hogwarts')
  }
  const resets = Promise.all(names.map((name) => control('POST', `/tenants/${name}/reset`)))
  await Promise.all([others(), resets.finally(() => (isOver = true))])
  // One that waits until all are done has a handful.
  expect(answered).toBeGreaterThan(5 * AT_ONCE)
})
