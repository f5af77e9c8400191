// The README's table of endpoints says what the table of routes says.
/// <reference types="vite/client" />
import { describe, expect, test } from 'vitest'
import control from '../docs/control.md?raw'
import readme from '../README.md?raw'
import { app } from '../src/app.ts'
import { controlApp } from '../src/control/control.app.ts'
import { operations } from '../src/http/contract.ts'
import { BASE_PATH } from '../src/http/path.ts'

const template = (path: string) => path.replace(/:(\w+)/g, '{$1}')

/** Method, path and scopes of each row. */
const rows = readme.split('\n').flatMap((line) => {
  const [, method, path, scopes] = /^\| *([A-Z]+) *\| *`([^`]+)` *\|([^|]*)\|/.exec(line) ?? []
  return method && path ? [{ method, path, scopes: scopes?.match(/PM\.[\w.]+/g) ?? [] }] : []
})

const all = operations(app)
const tabled = all.filter(({ path }) => path.startsWith(`${BASE_PATH}/`))

describe('the README', () => {
  test.each(tabled.map((operation) => [`${operation.method} ${operation.path}`, operation] as const))(
    'has a row for %s, with its scopes',
    (_, { method, path, contract }) => {
      const shown = template(path.slice(BASE_PATH.length))
      expect(rows.filter((row) => row.method === method && row.path === shown)).toEqual([
        { method, path: shown, scopes: contract.scopes ?? [] },
      ])
    },
  )

  test.each(
    all.filter((operation) => !tabled.includes(operation)).map(({ method, path }) => `${method} ${template(path)}`),
  )('names %s, which stands outside of the prefix', (name) => expect(readme).toContain(`\`${name}\``))

  test('has no row that nothing answers', () => {
    const served = app.routes.map(({ method, path }) => `${method} ${template(path)}`)
    for (const { method, path } of rows) expect(served).toContain(`${method} ${BASE_PATH}${path}`)
  })
})

describe('docs/control.md', () => {
  test.each(operations(controlApp).map(({ method, path }) => [method, template(path.slice('/_control'.length))]))(
    'has a row for %s %s',
    (method, path) =>
      expect(control).toMatch(new RegExp(`^\\| *${method} *\\| *\`${path.replace(/[{}]/g, '\\$&')}\` *\\|`, 'm')),
  )
})
