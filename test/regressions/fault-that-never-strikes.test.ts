// A fault for an operation whose name was misspelt was accepted and never struck; one with a misspelt `ttl` stayed for ever.
import { beforeAll, expect, test } from 'vitest'
import { app } from '../../src/app.ts'
import { operations } from '../../src/http/contract.ts'
import { type CreatedTenant, isolate } from '../support/control.ts'
import { answer } from '../support/tenant.ts'

const here = isolate('embedded')
let tenant: CreatedTenant

beforeAll(async () => {
  tenant = await here.create()
})

const arm = (fault: object) => here.control('POST', `/tenants/${tenant.id}/faults`, fault)
const armed = async () => answer(await here.control('GET', `/tenants/${tenant.id}/faults`))

const ids = operations(app).map(({ contract }) => contract.operationId)

test.each(ids)('for %s with a letter too few or too many is refused, and nothing is armed', async (id) => {
  const before = await armed()
  const middle = Math.floor(id.length / 2)
  for (const misspelt of [id.slice(0, middle) + id.slice(middle + 1), `${id.slice(0, middle)}x${id.slice(middle)}`]) {
    const refused = await arm({ operation: misspelt, status: 503 })
    const { detail } = await answer<{ detail: string }>(refused, 400)
    expect(detail).toContain(misspelt)
    expect(
      ids.some((known) => detail.includes(`did you mean ${known}?`)),
      detail,
    ).toBe(true)
  }
  expect(await armed()).toEqual(before)
})

test.each([
  ['nothing to do', {}],
  ['nothing to do to an operation', { operation: 'Setting_GetSettingsBulk', times: 1 }],
  ['a property that is misspelt', { status: 503, ttll: 5 }],
  ['no time to strike in', { status: 503, times: 0 }],
])('with %s is refused', async (_, fault) => {
  const before = await armed()
  await answer(await arm(fault), 400)
  expect(await armed()).toEqual(before)
})
