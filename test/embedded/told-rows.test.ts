// What an embedded tenant's writes tell of the reads behind them is what the database holds.
import { env } from 'cloudflare:workers'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { findClient } from '../../src/connect/client.queries.ts'
import { type ClientSeed, plantClient } from '../../src/connect/client.seed.ts'
import { raiseRevision } from '../../src/control/effects/armed.ts'
import { bind } from '../../src/database/bound.ts'
import { Database } from '../../src/database/database.ts'
import { toldBy } from '../../src/embedded/told-rows.ts'
import { upsertOwn } from '../../src/settings/setting.queries.ts'
import type { Setting } from '../../src/settings/setting.schema.ts'
import { type CreatedTenant, type Isolate, isolate } from '../support/control.ts'
import { answer, createPartition } from '../support/tenant.ts'

const here = isolate('embedded')
const deployed = isolate('deployed')

const writeSettings = ({ call }: Isolate, { id, tokens }: CreatedTenant, settings: readonly object[], spelt = id) =>
  call('PUT', '/api/Setting', { token: tokens.admin, json: { partitionGlobalId: spelt, settings } })

const readSettings = async ({ call }: Isolate, { id, tokens }: CreatedTenant, keys: readonly string[], spelt = id) => {
  const query = new URLSearchParams([['partitionGlobalId', spelt], ...keys.map((key) => ['key', key])])
  return answer<Setting[]>(await call('GET', `/api/Setting?${query}`, { token: tokens.admin }))
}

const tokenFor = ({ call }: Isolate, { clients: [client] }: CreatedTenant) =>
  call('POST', '/connect/token', {
    json: `grant_type=client_credentials&client_id=${client?.id}&client_secret=${client?.secret}`,
    headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
  })

const pair = fc.record({
  key: fc.constantFrom('a', 'A', 'b', 'ä', 'Smtp.Password', 'a"b', '0', ' '),
  value: fc.oneof(fc.string(), fc.constant(null)),
})

describe('settings that were written', () => {
  test('are read without the database, in whichever order and spelling, as it has them', async () => {
    const tenant = await here.create({ tokens: ['admin'] })
    const written = fc.uniqueArray(pair, { selector: ({ key }) => key, minLength: 1, maxLength: 5 })
    const property = fc.asyncProperty(written, fc.boolean(), async (settings, isUpper) => {
      const spelt = isUpper ? tenant.id.toUpperCase() : tenant.id
      await answer(await writeSettings(here, tenant, settings, spelt))
      here.takeTrips()
      const keys = settings.map(({ key }) => key)
      const read = await readSettings(here, tenant, keys, spelt)
      expect(here.takeTrips()).toEqual([])
      expect(read).toEqual(await readSettings(deployed, tenant, keys, spelt))
    })
    await fc.assert(property, { numRuns: 60 })
  })

  test('are not told of where nothing was written', async () => {
    const missing = { partition: crypto.randomUUID(), settings: JSON.stringify([['a', 'b']]) }
    expect(toldBy([bind(upsertOwn, missing)], [[]])).toEqual([])
  })

  test('are read as a later write has them', async () => {
    const tenant = await here.create({ tokens: ['admin'] })
    for (const value of ['first', 'second']) await answer(await writeSettings(here, tenant, [{ key: 'a', value }]))
    await answer(await here.control('POST', `/tenants/${tenant.id}/reset`), 204)
    expect(await readSettings(here, tenant, ['a'])).toEqual([])
  })
})

describe('a client that was made', () => {
  test('is given a token without the database, until its tenant has ended', async () => {
    const source = await here.create()
    for (const tenant of [
      source,
      await answer<CreatedTenant>(await here.control('POST', `/tenants/${source.id}/fork`, {}), 201),
    ]) {
      here.takeTrips()
      await answer(await tokenFor(here, tenant))
      expect(here.takeTrips()).toEqual([])
      expect((await here.control('DELETE', `/tenants/${tenant.id}`)).status).toBe(204)
      expect((await tokenFor(here, tenant)).status).toBe(400)
    }
  })

  test('is what would be read of it', async () => {
    const database = new Database(env.DB)
    const partition = await createPartition()
    const seeds: Partial<ClientSeed>[] = [
      { secret: '', requirePkce: true, redirectUris: ['https://app.example/a', 'https://app.example/b'] },
      { secret: 'a-secret', hostAdmin: true, mayPrefer: true, name: "The client's name" },
      { secret: 'a-secret', requirePkce: false, grantTypes: ['authorization_code', 'client_credentials'] },
    ]
    for (const seed of seeds) {
      const id = crypto.randomUUID()
      const scopes = ['PM.Setting', 'PM.Group']
      const planted = await plantClient({ id, secret: '', partition, scopes, hostAdmin: false, ...seed })
      const [told] = toldBy([planted], await database.batch(planted))
      expect(told?.rows).toEqual([await findClient(database, id)])
    }
  })

  test('is not told of where its batch goes on to change what is told', async () => {
    const partition = await createPartition()
    const id = crypto.randomUUID()
    const planted = await plantClient({ id, secret: 's', partition, scopes: [], hostAdmin: false })
    const batch = [planted, raiseRevision(partition)]
    expect(toldBy(batch, await new Database(env.DB).batch(...batch))).toEqual([])
  })
})
