// Every route is an operation of an OpenAPI document, or left out of it by name.
import { expect, test } from 'vitest'
import { app } from '../../src/app.ts'
import { controlApp } from '../../src/control/control.app.ts'
import { operations } from '../../src/http/contract.ts'
import { PROMISED } from '../support/promises.ts'

/** Middleware; pages of the console; what the operator asks for, which is not for tests. */
const LEFT_OUT = [
  /^ALL /,
  /^GET \/_control(?:\/reference|\/console\/:file)?$/,
  /^\w+ \/_control\/(?:secrets|names|expired)(?:\/|$)/,
]

test.each([
  ['the API', app],
  ['the control plane', controlApp],
] as const)('of %s', (_, { routes }) => {
  const declared = new Set(operations({ routes }).map(({ method, path }) => `${method} ${path}`))
  const others = routes.map(({ method, path }) => `${method} ${path}`).filter((route) => !declared.has(route))
  expect(others.filter((route) => !LEFT_OUT.some((pattern) => pattern.test(route)))).toEqual([])
})

test('no operation has the name of another, and the documents have all but the pages', () => {
  const contracts = [app, controlApp].flatMap((one) => operations(one).map(({ contract }) => contract))
  expect(new Set(contracts.map(({ operationId }) => operationId)).size).toBe(contracts.length)
  const names = contracts.filter(({ page }) => !page).map(({ operationId }) => operationId)
  expect(PROMISED.map(({ operationId }) => operationId).sort()).toEqual(names.sort())
})
