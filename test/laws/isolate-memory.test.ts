// What an isolate remembers: all of it is listed, and can be forgotten.
import { env } from 'cloudflare:workers'
import { expect, test } from 'vitest'
import { keyRing, knownKeyRing } from '../../src/auth/keys.ts'
import { BoundedMap } from '../../src/http/bounded-map.ts'
import { REMEMBERED, resetIsolate } from '../../src/http/isolate-memory.ts'
import { isolate } from '../support/control.ts'
import { answer } from '../support/tenant.ts'

test.each(['embedded', 'deployed'] as const)('%s: a reset isolate asks again for all that it knew', async (entry) => {
  const here = isolate(entry)
  const tenant = await here.create()
  const read = async () => answer(await here.call('GET', `/api/Group/${tenant.id}`, { token: tenant.tokens.admin }))
  const first = await read()
  await read()
  here.takeTrips()
  await keyRing(env)
  resetIsolate()
  expect(knownKeyRing(env)).toBeUndefined()
  expect(await read()).toEqual(first)
  // The signing keys and the groups; and what a former embedded isolate has postponed, or not ended: copies, removals, large changes.
  expect(here.takeTrips()).toHaveLength(entry === 'embedded' ? 3 : 2)
})

const sources = import.meta.glob<string>('../../src/**/*.ts', { query: '?raw', import: 'default', eager: true })

test('nothing else outlives a request: every map, set and variable of a module is listed', () => {
  // Contracts of operations, the app that has them, what to reset, and the numbers of statements: they are complete when the modules are loaded.
  const loaded = ['const parts', 'const readers', 'const resets', 'const enumerations', 'let app', 'let statements']
  const kept = Object.entries(sources)
    // Neither runs in an isolate.
    .filter(([path]) => !/\/(?:node|console)\//.test(path))
    .flatMap(([path, text]) =>
      [
        ...text.matchAll(
          /^(?:export )?((?:const|let) [a-z]\w*)(?:: [^=\n]+)? = new (?:Weak)?(?:Map|Set)\b|^(let \w+)/gm,
        ),
      ]
        .map(([, one, other]) => one ?? other ?? '')
        .filter((name) => !loaded.includes(name))
        .map((name) => `${path}: ${name}`),
    )
  expect(kept).toEqual([])
})

test('every entry of the list is kept by exactly one module', () => {
  const named = Object.values(sources).flatMap((text) =>
    [...text.matchAll(/new Memory\w+(?:<.*>)?\('(\w+)'\)/g)].map(([, name]) => name),
  )
  expect(named.toSorted()).toEqual(Object.keys(REMEMBERED).toSorted())
})

test('a bounded map drops its oldest entries, by number and by size', () => {
  const few = new BoundedMap<string, string>({ entries: 2, size: 10, sizeOf: ({ length }) => length })
  few.set('a', '1')
  few.set('b', '2')
  few.set('a', '3')
  few.set('c', '4')
  expect([few.get('a'), few.get('b'), few.get('c')]).toEqual(['3', undefined, '4'])
  few.set('d', 'x'.repeat(10))
  expect([few.get('a'), few.get('c'), few.get('d')]).toEqual([undefined, undefined, 'x'.repeat(10)])
  few.delete('d')
  few.set('e', 'y'.repeat(10))
  expect(few.get('e')).toHaveLength(10)
  few.clear()
  expect(few.get('e')).toBeUndefined()
})
