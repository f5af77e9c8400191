// An isolate that did not hear of what was armed elsewhere starts a request again. A fault that it met before is not
// counted a second time, nor lost: it was, if it was to meet one request alone.
import { expect, test } from 'vitest'
import { type CreatedTenant, isolate } from '../support/control.ts'
import { answer } from '../support/tenant.ts'

const GET_GROUPS = 'Group_GetGroups'

/** A tenant for which one isolate armed `fault`, and another one armed something else that the first does not know of. */
async function outdated(fault: object) {
  const [here, elsewhere] = [isolate('deployed'), isolate('deployed')]
  const { id, tokens }: CreatedTenant = await here.create()
  const faults = `/tenants/${id}/faults`
  const { id: armed } = await answer<{ id: string }>(
    await here.control('POST', faults, { operation: GET_GROUPS, ...fault }),
    201,
  )
  await answer(await elsewhere.control('POST', faults, { operation: 'Setting_UpdateSettings', status: 418 }), 201)
  return {
    get: () => here.call('GET', `/api/Group/${id}`, { token: tokens.admin }),
    hits: async () => (await answer<{ hits: number }>(await here.control('GET', `${faults}/${armed}`))).hits,
  }
}

test('a status for one request is its answer, and the next one passes', async () => {
  const { get, hits } = await outdated({ status: 503, times: 1 })
  await answer(await get(), 503)
  await answer(await get())
  expect(await hits()).toBe(1)
})

test('an answer that is spoiled once is spoiled, and the next one is whole', async () => {
  const { get, hits } = await outdated({ kind: 'malformed', times: 1 })
  const text = await (await get()).text()
  expect(() => JSON.parse(text)).toThrow()
  await answer(await get())
  expect(await hits()).toBe(1)
})

test('a request is one of those that a rate limit counts', async () => {
  const { get, hits } = await outdated({ kind: 'rateLimit', limit: 1 })
  await answer(await get())
  await answer(await get(), 429)
  expect(await hits()).toBe(2)
})
