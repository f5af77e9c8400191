// Whatever is asked of tenants that an embedded Worker has ended and whose rows it still has, it answers as a deployment, which removes
// the rows at once.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type CreatedTenant, type Isolate, isolate } from '../support/control.ts'
import { DOCUMENT, forkOf, put } from '../support/forks.ts'

const ACTS = {
  end: ({ control }: Isolate, { id }: CreatedTenant) => control('DELETE', `/tenants/${id}`),
  'end by name': ({ control }: Isolate, { name }: CreatedTenant) => control('DELETE', `/tenants/${name}`),
  show: ({ control }: Isolate, { name }: CreatedTenant) => control('GET', `/tenants/${name}`),
  dump: ({ control }: Isolate, { id }: CreatedTenant) => control('GET', `/tenants/${id}/dump`),
  reset: ({ control }: Isolate, { id }: CreatedTenant) => control('POST', `/tenants/${id}/reset`),
  fork: ({ control }: Isolate, { id }: CreatedTenant) => control('POST', `/tenants/${id}/fork`, {}),
  'make one of its name': ({ control }: Isolate, { name }: CreatedTenant) => control('POST', '/tenants', { name }),
  write: (plane: Isolate, tenant: CreatedTenant) => put(plane, tenant, 'written'),
  read: ({ call }: Isolate, { id, tokens }: CreatedTenant) =>
    call('GET', `/api/Setting?partitionGlobalId=${id}&key=a`, { token: tokens.admin }),
  'read groups': ({ call }: Isolate, { id, tokens }: CreatedTenant) =>
    call('GET', `/api/Group/${id}`, { token: tokens.admin }),
  'read by its name': ({ send }: Isolate, { id, name, tokens }: CreatedTenant) =>
    send('GET', `/${name}/identity_/api/Group/${id}`, { token: tokens.admin }),
  'ask for a token': ({ call }: Isolate, { clients: [client] }: CreatedTenant) =>
    call('POST', '/connect/token', {
      json: `grant_type=client_credentials&client_id=${client?.id}&client_secret=${client?.secret}`,
      headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
    }),
  'use its key': ({ send }: Isolate, { id, key }: CreatedTenant) =>
    send('GET', `/_control/tenants/${id}/journal`, { token: key }),
} as const satisfies Readonly<Record<string, (plane: Isolate, tenant: CreatedTenant) => Promise<Response>>>

type Step = { act: keyof typeof ACTS; on: number }

const step: fc.Arbitrary<Step> = fc.record({
  act: fc.oneof(
    { weight: 1, arbitrary: fc.constant('end' as const) },
    { weight: 2, arbitrary: fc.constantFrom(...(Object.keys(ACTS) as (keyof typeof ACTS)[])) },
  ),
  on: fc.nat({ max: 2 }),
})

/** Takes the steps on a tenant and two copies of it; returns how each was answered, and which tenants are left. */
async function run(plane: Isolate, steps: readonly Step[]) {
  const source = await plane.create({ seed: DOCUMENT })
  const tenants = [source, await forkOf(plane, source), await forkOf(plane, source)]
  const answers: string[] = []
  for (const { act, on } of steps) {
    const tenant = tenants[on]
    if (tenant) answers.push(`${act} ${on}: ${(await ACTS[act](plane, tenant)).status}`)
  }
  const list = await (await plane.control('GET', '/tenants')).text()
  return [...answers, ...tenants.map(({ id }) => list.includes(id))]
}

test('whatever is asked in whichever order, the answers are those of a deployment', async () => {
  const property = fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 10 }), async (steps) => {
    expect(await run(isolate('embedded'), steps)).toEqual(await run(isolate('deployed'), steps))
  })
  await fc.assert(property, { numRuns: 40 })
}, 120_000)
