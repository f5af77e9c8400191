// Who gets into the tests' own plane, and what it looks like to those who do not.
import { expect, test } from 'vitest'
import { isolate } from '../support/control.ts'
import { answer } from '../support/tenant.ts'

const PATHS = ['/_control', '/_control/', '/_control/tenants', '/_control/openapi.json', '/_control/seed.schema.json']

test.each(PATHS)('%s is unknown like any other path where there is no control token', async (path) => {
  const { send } = isolate('deployed', { CONTROL_TOKEN: '' })
  for (const method of ['GET', 'POST', 'DELETE']) {
    const here = await send(method, path)
    const elsewhere = await send(method, '/nothing-of-the-kind')
    expect(here.status).toBe(404)
    expect([...here.headers]).toEqual([...elsewhere.headers])
    expect(withoutTrace(await here.json())).toEqual(withoutTrace(await elsewhere.json()))
  }
})

const withoutTrace = (body: unknown) => ({ ...(body as object), traceId: '' })

test.each([undefined, '', 'wrong', 'a-control-token-of-the-test', 'a-control-token-of-the-testsx'])(
  'the token %j gets 401 and nothing else',
  async (token) => {
    const { send } = isolate('deployed')
    const refused = await send('GET', '/_control/tenants', { token })
    expect(refused.headers.get('WWW-Authenticate')).toBe('Bearer')
    expect(refused.headers.get('Content-Type')).toContain('application/problem+json')
    expect(await answer(refused, 401)).toEqual({
      type: 'about:blank',
      title: 'Unauthorized',
      status: 401,
      detail: 'The control token or key is missing, wrong, expired or revoked.',
    })
  },
)

test('a tenant’s own token is none of the plane', async () => {
  const { create, send } = isolate('deployed')
  const { tokens } = await create()
  await answer(await send('GET', '/_control/tenants', { token: tokens.admin }), 401)
})

test('paths that only begin alike are not the plane’s', async () => {
  const { send } = isolate('deployed')
  expect((await send('GET', '/_controller')).status).toBe(404)
  expect((await send('GET', '/_controlx/tenants')).status).toBe(404)
})

test('the OpenAPI document has every operation, and the schema of seeds is public', async () => {
  const { control, send } = isolate('deployed')
  const document = await answer<{ paths: Record<string, object> }>(await control('GET', '/openapi.json'))
  expect(Object.keys(document.paths)).toContain('/_control/tenants/{tenant}/snapshots/{snapshot}/restore')
  expect(Object.values(document.paths).flatMap(Object.keys).length).toBeGreaterThan(25)
  const schema = await answer<{ properties: object }>(await send('GET', '/_control/seed.schema.json'))
  expect(Object.keys(schema.properties)).toEqual(expect.arrayContaining(['users', 'groups', 'settings', 'clients']))
})

test('bad input gets a 4xx that says why', async () => {
  const { control, create } = isolate('embedded')
  const { id } = await create()
  const refused: [string, string, unknown, number][] = [
    ['POST', '/tenants', { name: 'no spaces please' }, 400],
    ['POST', '/tenants', { ttl: 0 }, 400],
    ['POST', '/tenants', { seed: { users: [{ email: 'nobody' }] } }, 400],
    ['POST', '/tenants', { seed: { groups: [{ name: 'g', members: ['nobody'] }] } }, 422],
    ['POST', '/tenants', { seed: { users: [{ userName: 'one' }, { userName: 'ONE' }] } }, 422],
    ['POST', '/tenants', { seed: { settings: [{ key: 'k' }, { key: 'k' }] } }, 422],
    ['POST', '/tenants', '{', 400],
    ['PATCH', '/tenants', {}, 405],
    ['GET', '/tenants/nobody', undefined, 404],
    ['PUT', `/tenants/${id}/clock`, { now: 'soon' }, 400],
    ['POST', `/tenants/${id}/clock/advance`, { milliseconds: 9e15 }, 400],
    ['POST', `/tenants/${id}/faults`, { status: 99 }, 400],
    ['POST', `/tenants/${id}/faults`, { headers: { 'x y': '1' } }, 400],
    ['POST', `/tenants/${id}/tokens`, { broken: 'somehow' }, 400],
    ['GET', `/tenants/${id}/journal?limit=no`, undefined, 400],
    ['POST', `/tenants/${id}/snapshots/none/restore`, undefined, 404],
    ['GET', `/tenants/${id}/snapshots/none`, undefined, 404],
    ['DELETE', '/tenants/magic-7', undefined, 409],
  ]
  for (const [method, path, json, status] of refused) {
    const response = await control(method, path, json)
    expect(response.headers.get('Content-Type'), path).toContain('application/problem+json')
    expect(await answer(response, status)).toMatchObject({ status })
  }
})
