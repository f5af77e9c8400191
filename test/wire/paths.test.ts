// How a request's path finds its handlers: as Hono's own router does, though a path of the same shape was looked up once.
import fc from 'fast-check'
import { TrieRouter } from 'hono/router/trie-router'
import { expect, test } from 'vitest'
import { canonicalPath } from '../../src/http/path.ts'
import { RememberingRouter } from '../../src/http/router.ts'

const ROUTES = [
  '/*',
  '/tenants',
  '/tenants/:tenant',
  '/tenants/:tenant/fork',
  '/tenants/:tenant/keys/:key',
  '/tenants/:tenant/users/:user/fork',
  '/secrets/signing-key/*',
  '/secrets/signing-key/stage',
]

const WORDS = ['tenants', 'fork', 'keys', 'users', 'secrets', 'signing-key', 'stage', '', ':1', 'a', 'b']
const anyPath = fc.array(fc.constantFrom(...WORDS), { maxLength: 7 }).map((segments) => `/${segments.join('/')}`)

type Found = ReturnType<TrieRouter<string>['match']>

/** The handlers with their parameters, in whichever of Hono's two forms. */
const presented = ([handlers, texts]: Found) =>
  handlers.map(([handler, params]) => [
    handler,
    Object.fromEntries(Object.entries(params).map(([name, at]) => [name, texts ? texts[Number(at)] : at])),
  ])

test('the router finds what Hono’s own finds, whatever was asked for before', () => {
  const [own, hono] = [new RememberingRouter<string>(), new TrieRouter<string>()]
  for (const router of [own, hono]) {
    for (const path of ROUTES) for (const method of ['GET', 'ALL']) router.add(method, path, `${method} ${path}`)
  }
  const found = (path: string) => ['GET', 'POST'].map((method) => presented(own.match(method, path)))
  const expected = (path: string) => ['GET', 'POST'].map((method) => presented(hono.match(method, path)))
  fc.assert(
    fc.property(anyPath, (path) => {
      expect(found(path)).toEqual(expected(path))
    }),
    { numRuns: 2000 },
  )
})

test('a segment that reads like a parameter of a route is a value', () => {
  const router = new RememberingRouter<string>()
  for (const path of ROUTES) router.add('GET', path, path)
  expect(presented(router.match('GET', '/tenants/:tenant'))).toEqual([
    ['/*', {}],
    ['/tenants/:tenant', { tenant: ':tenant' }],
  ])
})

test('a route whose parameter takes only some texts is refused', () => {
  const router = new RememberingRouter<string>()
  for (const path of ['/:id{[0-9]+}', '/:id?', '/file*']) expect(() => router.add('GET', path, 'x')).toThrow(path)
})

test('a path is canonical without the organization and the tenant before it', () => {
  const canonical = canonicalPath(() => ['/identity_/api/Group/:partition/:group'])
  const of = (path: string) => canonical(new Request(`http://localhost${path}`))
  for (const prefix of ['', '/acme', '/acme/dev', '/identity_', '/Other/identity']) {
    expect(of(`${prefix}/Identity/API/group/One/:Two/`)).toBe('/identity_/api/Group/One/:Two')
  }
  expect(of('/acme/dev/more/identity_/api/Group/a/b')).toBe('/acme/dev/more/identity_/api/Group/a/b')
})
