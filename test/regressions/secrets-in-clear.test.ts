// Values of settings of every sealed name, with the journal on: nowhere in the database, and not in the journal's answer.
import { env } from 'cloudflare:workers'
import { expect, test } from 'vitest'
import { SEALED_ENDINGS } from '../../src/secrets/is-secret.ts'
import { type CreatedTenant, isolate } from '../support/control.ts'
import { answer } from '../support/tenant.ts'

const spellings = (ending: string) => [
  `Storage.${ending}`,
  `storage_${ending.toUpperCase()}`,
  `Storage${ending[0]?.toUpperCase()}${ending.slice(1)}`,
  ending,
]

/** Every text in the database, with the table it stands in. */
async function everyText(): Promise<string> {
  const tables = await env.DB.prepare(
    "select name from sqlite_master where type = 'table' and name not like 'sqlite_%' and name not like '\\_cf\\_%' escape '\\'",
  ).all<{ name: string }>()
  const names = tables.results.map(({ name }) => name)
  expect(names).toEqual(expect.arrayContaining(['journal', 'settings', 'snapshots']))
  const rows = await Promise.all(names.map((name) => env.DB.prepare(`select * from "${name}"`).all()))
  return rows.map(({ results }, index) => `${names[index]}: ${JSON.stringify(results)}`).join('\n')
}

test.each(['embedded', 'deployed'] as const)('%s: they are masked and sealed, and still answered', async (mode) => {
  const here = isolate(mode)
  const marker = `topsecret-${crypto.randomUUID()}`
  const settings = SEALED_ENDINGS.flatMap(spellings).map((key, index) => ({ key, value: `${marker}-${index}` }))
  const shuffled = settings.map(({ key, value }, index) => (index % 2 ? { VALUE: value, Key: key } : { key, value }))
  const origin = await here.create({ journal: true, seed: { users: [{ id: 'ada', userName: 'ada' }], settings } })
  const { id, tokens } = origin
  const put = async (json: object) =>
    answer(await here.call('PUT', '/api/Setting', { token: tokens.admin, json: { partitionGlobalId: id, ...json } }))
  const read = async (tenant: CreatedTenant) =>
    answer<{ value: string }[]>(
      await here.call(
        'GET',
        `/api/Setting?partitionGlobalId=${tenant.id}&${settings.map(({ key }) => `key=${key}`).join('&')}`,
        { token: tenant.tokens.admin },
      ),
    )

  await put({ settings })
  await put({ settings: shuffled, userId: 'ada' })
  await here.call('PUT', '/api/Setting', { token: tokens.admin, json: { settings, partitionGlobalId: 7 } })
  await here.call('GET', `/api/Setting?partitionGlobalId=${id}&key=Storage.Token&value=${marker}`, {
    token: tokens.admin,
  })
  await answer(await here.control('PUT', `/tenants/${id}/snapshots/one`), 201)
  const fork = await answer<CreatedTenant>(
    await here.control('POST', `/tenants/${id}/fork`, { journal: true, tokens: ['admin', 'reader'] }),
    201,
  )

  for (const tenant of [origin, fork]) {
    expect((await read(tenant)).map(({ value }) => value).sort()).toEqual(settings.map(({ value }) => value).sort())
  }
  const journal = JSON.stringify(await answer(await here.control('GET', `/tenants/${id}/journal`)))
  expect(journal).not.toContain(marker)
  expect(journal.match(/"\*\*\*"/g)?.length).toBeGreaterThanOrEqual(settings.length * 5)
  expect(await everyText()).not.toContain(marker)
})
