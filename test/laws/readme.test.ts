// Documents name what the table of routes has.
/// <reference types="vite/client" />
import { describe, expect, test } from 'vitest'
import control from '../../docs/control.md?raw'
import endpoints from '../../docs/endpoints.md?raw'
import readme from '../../README.md?raw'
import { app } from '../../src/app.ts'
import { controlApp } from '../../src/control/control.app.ts'
import { operations } from '../../src/http/contract.ts'
import { BASE_PATH } from '../../src/http/path.ts'

const template = (path: string) => path.replace(/:(\w+)/g, '{$1}')

const outside = operations(app).filter(({ path }) => !path.startsWith(`${BASE_PATH}/`))

describe('the README', () => {
  test.each(outside.map(({ method, path }) => `${method} ${template(path)}`))(
    'names %s, which stands outside of the prefix',
    (name) => expect(readme).toContain(`\`${name}\``),
  )

  test('names no call that nothing answers', () => {
    const served = app.routes.map(({ method, path }) => `${method} ${template(path)}`)
    const named = [...readme.matchAll(/`([A-Z]+ \/[^`\s]*)`/g)].map(([, name]) => name)
    expect(named.length).toBeGreaterThan(0)
    for (const name of named) expect(served).toContain(name)
  })
})

/** Method, path and scopes of each row of the table that is written from the contracts. */
const rows = endpoints.split('\n').flatMap((line) => {
  const [, method, path, scopes] = /^\| *`\w+` *\| *([A-Z]+) *\| *`([^`]+)` *\|([^|]*)\|/.exec(line) ?? []
  return method && path ? [{ method, path, scopes: scopes?.match(/PM\.[\w.]+/g) ?? [] }] : []
})

describe('docs/endpoints.md', () => {
  test.each(operations(app).map((operation) => [`${operation.method} ${operation.path}`, operation] as const))(
    'has a row for %s, with its scopes',
    (_, { method, path, contract }) => {
      const shown = template(path.replace(BASE_PATH, ''))
      expect(rows.filter((row) => row.method === method && row.path === shown)).toEqual([
        { method, path: shown, scopes: contract.scopes ?? [] },
      ])
    },
  )

  test('has no row that nothing answers', () => expect(rows).toHaveLength(operations(app).length))
})

describe('docs/control.md', () => {
  test.each(operations(controlApp).map(({ method, path }) => [method, template(path.slice('/_control'.length))]))(
    'has a row for %s %s',
    (method, path) =>
      expect(control).toMatch(new RegExp(`^\\| *${method} *\\| *\`${path.replace(/[{}]/g, '\\$&')}\` *\\|`, 'm')),
  )
})
