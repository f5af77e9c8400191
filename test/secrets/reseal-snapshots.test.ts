// Rotating ENCRYPTION_KEY with several tenants, their snapshots and journals, while clients write: afterwards nothing of any
// tenant needs the old key.
import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Position, Step } from '../../src/rotation/reseal.ts'
import { seal } from '../../src/secrets/seal.ts'
import { settingContext } from '../../src/settings/secret-settings.ts'
import { pepperOf } from '../../src/users/pepper.ts'
import { type CreatedTenant, type Isolate, isolate } from '../support/control.ts'
import { answer } from '../support/tenant.ts'
import { schema } from '../support/tenant-rows.ts'

const COMING = `${'K'.repeat(42)}A`
const before = isolate('deployed')
const during = isolate('deployed', { ENCRYPTION_KEY: COMING, ENCRYPTION_KEYS_OLD: env.ENCRYPTION_KEY ?? '' })
const after = isolate('deployed', { ENCRYPTION_KEY: COMING })

const KEYS = ['Email.Smtp.Password', 'Hook.0.Secret', 'Hook.1.Secret']
let tenants: CreatedTenant[]

/** Runs until nothing is left to seal, as an operator does. Returns the steps of all runs. */
async function run(on: Isolate, between: (step: number) => Promise<unknown> = async () => {}) {
  const steps: Step[] = []
  for (let resealed = -1; resealed !== 0; ) {
    resealed = 0
    for (
      let from: Position | undefined = { database: 0, table: 'settings', after: 0 };
      from;
      from = steps.at(-1)?.next
    ) {
      const step = await answer<Step>(await on.control('POST', '/secrets/reseal', { from }))
      steps.push(step)
      resealed += step.resealed
      await between(steps.length)
    }
  }
  return steps
}

const write = (on: Isolate, { id, tokens }: CreatedTenant, key: string, value: string) =>
  on.call('PUT', '/api/Setting', { token: tokens.admin, json: { partitionGlobalId: id, settings: [{ key, value }] } })

async function valuesOf(on: Isolate, { id, tokens }: CreatedTenant) {
  const query = KEYS.map((key) => `&key=${key}`).join('')
  const response = await on.call('GET', `/api/Setting?partitionGlobalId=${id}${query}`, { token: tokens.admin })
  const settings = await answer<{ key: string; value: string }[]>(response)
  return Object.fromEntries(settings.map(({ key, value }) => [key, value]))
}

const storedIn = (partition: string) =>
  env.DB.prepare("select rowid, entries from snapshots where partition_id = ? and section = 'settings' order by name")
    .bind(partition)
    .all<{ rowid: number; entries: string }>()

beforeAll(async () => {
  const settings = KEYS.map((key) => ({ key, value: `seed of ${key}` }))
  const seed = {
    users: [{ id: 'ada', userName: 'ada' }],
    settings: [...settings, { key: 'Plain', value: 'sealed:v1:x' }],
  }
  await pepperOf(env)
  tenants = []
  for (let index = 0; index < 6; index++) {
    const tenant = await before.create({ seed, journal: true })
    await answer(await write(before, tenant, 'Hook.0.Secret', 'kept'))
    await answer(await before.control('PUT', `/tenants/${tenant.id}/snapshots/mine`), 201)
    tenants.push(tenant)
  }
})

describe('a rotation of ENCRYPTION_KEY', () => {
  test('reaches every snapshot while clients write, and loses no write', async () => {
    const steps = await run(during, (step) =>
      Promise.all(
        tenants.map(async (tenant) => answer(await write(during, tenant, 'Hook.1.Secret', `written in step ${step}`))),
      ),
    )
    for (const tenant of tenants) {
      expect(await valuesOf(after, tenant)).toMatchObject({ 'Hook.1.Secret': `written in step ${steps.length}` })
    }
    expect(steps.flatMap(({ unopened }) => unopened)).toEqual([])
  })

  test('leaves no text in any column of any table that is sealed under the former key', async () => {
    const under = async (on: object) => (await seal({ ...env, ...on }, '', '')).slice(0, 'sealed:v1:12345678:'.length)
    const [former, coming] = [await under({}), await under({ ENCRYPTION_KEY: COMING })]
    const holding = async (prefix: string) => {
      const found: string[] = []
      for (const { name, columns } of schema) {
        for (const column of columns) {
          const query = `select count(*) as n from "${name}" where instr("${column.name}", ?)`
          const count = await env.DB.prepare(query).bind(prefix).first<number>('n')
          if (count) found.push(`${name}.${column.name}`)
        }
      }
      return found.toSorted()
    }
    expect(await holding(coming)).toEqual([
      'peppers.pepper',
      'settings.value',
      'signing_keys.private_jwk',
      'snapshots.entries',
    ])
    expect(await holding(former)).toEqual([])
  })

  test('leaves nothing that the former key is needed for: restore, reset, dump and journal of every tenant work', async () => {
    for (const tenant of tenants) {
      const path = `/tenants/${tenant.id}`
      await answer(await after.control('GET', `${path}/snapshots/mine`))
      await answer(await after.control('GET', `${path}/journal`))
      expect((await after.control('POST', `${path}/snapshots/mine/restore`)).status).toBe(204)
      expect(await valuesOf(after, tenant)).toMatchObject({
        'Hook.0.Secret': 'kept',
        'Hook.1.Secret': `seed of ${KEYS[2]}`,
      })
      expect((await after.control('POST', `${path}/reset`)).status).toBe(204)
      expect(await valuesOf(after, tenant)).toEqual(Object.fromEntries(KEYS.map((key) => [key, `seed of ${key}`])))
      await answer(await after.control('GET', `${path}/dump`))
    }
  })

  test('goes past a snapshot that no key opens, names it, and seals what is beside it', async () => {
    const [tenant] = tenants
    if (!tenant) throw new Error('there is no tenant')
    const lost = { ...env, ENCRYPTION_KEY: `${'L'.repeat(42)}A` }
    const key = 'Email.Smtp.Password'
    const value = await seal(lost, settingContext({ user: null }, key), 'x')
    const [row] = (await storedIn(tenant.id)).results
    const changed = JSON.stringify(
      JSON.parse(row?.entries ?? '').map((one: { key: string }) =>
        one.key === key ? { ...one, value } : one.key === 'Hook.0.Secret' ? { ...one, value: 'plain' } : one,
      ),
    )
    await env.DB.prepare('update snapshots set entries = ? where rowid = ?').bind(changed, row?.rowid).run()
    const steps = await run(during)
    expect(new Set(steps.flatMap(({ unopened }) => unopened))).toEqual(
      new Set([`setting ${key} in the state that a reset restores of partition ${tenant.id}`]),
    )
    const [{ entries } = { entries: '' }] = (await storedIn(tenant.id)).results
    expect(entries).toContain(value)
    expect(entries).not.toContain('"plain"')
  })
})

test('a snapshot that is taken anew under a step is left to the next run', async () => {
  const tenant = await before.create({ seed: { settings: [{ key: 'A.Secret', value: 'first' }] } })
  const d1 = env.DB
  let meanwhile = async () => {}
  // Between a step's reading and its writing.
  const DB = new Proxy(d1, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name)
      if (name !== 'prepare') return typeof value === 'function' ? value.bind(target) : value
      return (sql: string) => {
        const statement = target.prepare(sql)
        if (!/^\s*update "snapshots"/.test(sql)) return statement
        const all = async (values: unknown[]) => {
          await meanwhile()
          return statement.bind(...values).all()
        }
        return { bind: (...values: unknown[]) => ({ all: () => all(values) }) }
      }
    },
  })
  const raced = isolate('deployed', { ENCRYPTION_KEY: COMING, ENCRYPTION_KEYS_OLD: env.ENCRYPTION_KEY ?? '', DB })
  let changes = 0
  meanwhile = async () => {
    if (changes++ > 0) return
    const { entries, rowid } = (await storedIn(tenant.id)).results[0] ?? { entries: '', rowid: 0 }
    const text = JSON.stringify(JSON.parse(entries).map((one: object) => ({ ...one, value: 'second' })))
    await d1.prepare('update snapshots set entries = ? where rowid = ?').bind(text, rowid).run()
  }
  await run(raced)
  expect(changes).toBeGreaterThan(1)
  expect((await after.control('POST', `/tenants/${tenant.id}/reset`)).status).toBe(204)
  const response = await after.call('GET', `/api/Setting?partitionGlobalId=${tenant.id}&key=A.Secret`, {
    token: tenant.tokens.admin,
  })
  expect(await answer(response)).toMatchObject([{ value: 'second' }])
})
