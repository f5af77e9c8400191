// The time as a tenant has it, and tokens that are good or bad on purpose.
import { env } from 'cloudflare:workers'
import { decodeJwt } from 'jose'
import { describe, expect, test } from 'vitest'
import { isolate } from '../support/control.ts'
import { GRYFFINDORS, replant } from '../support/documented-tenant.ts'
import { answer, hostAdmin } from '../support/tenant.ts'

const MODES = ['embedded', 'deployed'] as const

async function tenant(mode: 'embedded' | 'deployed') {
  const here = isolate(mode)
  const created = await here.create()
  const path = `/tenants/${created.id}`
  return {
    ...here,
    ...created,
    setClock: async (json: object) => answer<{ now: string }>(await here.control('PUT', `${path}/clock`, json)),
    advance: async (milliseconds: number) =>
      answer<{ now: string }>(await here.control('POST', `${path}/clock/advance`, { milliseconds })),
    mint: async (json: object = {}) =>
      (await answer<{ token: string }>(await here.control('POST', `${path}/tokens`, json), 201)).token,
    groups: (token: string) => here.call('GET', `/api/Group/${created.id}`, { token }),
  }
}

test.each(MODES)('%s: the documented PUT Group, byte for byte', async (mode) => {
  await replant(env.DB)
  const { control, call } = isolate(mode)
  await answer(await control('PUT', '/tenants/hogwarts/clock', { now: '2021-10-19T16:46:20.0742901Z' }))
  const json = {
    partitionGlobalId: 'magic-7',
    name: 'Gryffindors',
    directoryUserIDsToAdd: ['lun-1302', 'nev-3007'],
    directoryUserIDsToRemove: [],
  }
  const response = await call('PUT', '/api/Group/gryff-01', { token: await hostAdmin(), json })
  expect(await response.text()).toBe(JSON.stringify(GRYFFINDORS('2021-10-19T16:46:20.0742901')))
  expect((await control('DELETE', '/tenants/hogwarts/clock')).status).toBe(204)
})

describe.each(MODES)('%s', (mode) => {
  test('a clock stands, is put forward, runs, and is released', async () => {
    const { setClock, advance, control, id, call, tokens } = await tenant(mode)
    expect(await setClock({ now: '2030-01-01T00:00:00.1234567' })).toEqual({
      now: '2030-01-01T00:00:00.1234567Z',
      frozen: true,
      real: false,
    })
    expect(await advance(1000)).toMatchObject({ now: '2030-01-01T00:00:01.1234567Z' })
    const early = await setClock({ now: '2020-01-01T00:00:00', frozen: false })
    expect(early.now.startsWith('2020-01-01T00:00:0')).toBe(true)
    const json = { partitionGlobalId: id, id: crypto.randomUUID(), name: 'Dated' }
    const group = await answer<{ creationTime: string }>(
      await call('POST', '/api/Group', { token: tokens.admin, json }),
      201,
    )
    expect(group.creationTime.startsWith('2020-01-01T00:00:')).toBe(true)
    expect((await control('DELETE', `/tenants/${id}/clock`)).status).toBe(204)
    expect(await answer(await control('GET', `/tenants/${id}/clock`))).toMatchObject({ real: true, frozen: false })
  })

  test('tokens expire by it, whether it was put forward or back', async () => {
    const { mint, groups, advance, control, id, setClock, tokens } = await tenant(mode)
    const token = await mint({ expiresIn: 60 })
    await answer(await groups(token))
    await advance(61_000)
    expect((await groups(token)).status).toBe(401)
    await setClock({ now: '2021-01-01T00:00:00' })
    await answer(await groups(tokens.admin))
    const old = await mint({ expiresIn: 60 })
    expect(decodeJwt(old).exp).toBe(Date.parse('2021-01-01T00:01:00Z') / 1000)
    await answer(await groups(old))
    const elsewhere = isolate('deployed')
    await answer(await elsewhere.call('GET', `/api/Group/${id}`, { token: old }))
    await control('DELETE', `/tenants/${id}/clock`)
    expect((await groups(old)).status).toBe(401)
  })

  test('connect/token goes by it', async () => {
    const { setClock, call, clients } = await tenant(mode)
    await setClock({ now: '2035-05-05T05:05:05' })
    const [{ id: client_id, secret: client_secret } = { id: '', secret: '' }] = clients
    const form = new URLSearchParams({ grant_type: 'client_credentials', client_id, client_secret })
    const headers = { 'Content-Type': 'application/x-www-form-urlencoded' }
    const { access_token } = await answer<{ access_token: string }>(
      await call('POST', '/connect/token', { json: `${form}`, headers }),
    )
    expect(decodeJwt(access_token).iat).toBe(Date.parse('2035-05-05T05:05:05Z') / 1000)
  })

  test.each(['expired', 'notYetValid', 'issuer', 'audience', 'tampered', 'kid'])(
    'a token that is %s',
    async (broken) => {
      const { mint, groups } = await tenant(mode)
      const response = await groups(await mint({ broken }))
      expect(response.status).toBe(401)
      expect(response.headers.get('WWW-Authenticate')).toContain('invalid_token')
    },
  )
})

test('any claims, scopes and users', async () => {
  const { mint, call, id, users } = await tenant('embedded')
  const token = await mint({ scopes: ['PM.Group.Read'], user: users[0]?.id, claims: { amr: ['external'], jti: null } })
  expect(decodeJwt(token)).toMatchObject({ scope: ['PM.Group.Read'], sub: users[0]?.id, amr: ['external'], prt_id: id })
  expect(decodeJwt(token).jti).toBeUndefined()
  await answer(await call('GET', `/api/Group/${id}`, { token }))
  const json = { partitionGlobalId: id, settings: [] }
  await answer(await call('PUT', '/api/Setting', { token, json }), 403)
})
