// Whatever is asked of an embedded tenant and its copies in whichever order, they are as in a deployment, which makes the rows of a
// copy at once.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Isolate, isolate } from '../support/control.ts'
import { DOCUMENT, forkOf, put, stateOf } from '../support/forks.ts'

type Step =
  | { do: 'fork'; of: number }
  | { do: 'set'; in: number; value: string }
  | { do: 'rename'; in: number; name: string }
  | { do: 'remove user' | 'set of user' | 'reset' | 'read'; in: number }

const tenantIndex = fc.nat({ max: 4 })
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constant('fork' as const), of: tenantIndex }),
  fc.record({ do: fc.constant('set' as const), in: tenantIndex, value: fc.stringMatching(/^[a-z]{1,5}$/) }),
  fc.record({ do: fc.constant('rename' as const), in: tenantIndex, name: fc.stringMatching(/^[a-z]{1,5}$/) }),
  fc.record({
    do: fc.constantFrom('remove user' as const, 'set of user' as const, 'reset' as const, 'read' as const),
    in: tenantIndex,
  }),
)

/** The same without settings of no user. */
const WITHOUT_OWN = { ...DOCUMENT, settings: DOCUMENT.settings.filter(({ user }) => user) }

interface WithSettings {
  settings: { user_seq: string | null }[]
}

/** Settings of no user first. Where the first of them is written to a copy, users' settings may be made after it. */
const ownFirst = ({ settings, ...others }: WithSettings) => {
  const { own = [], users = [] } = Object.groupBy(settings, ({ user_seq: user }) => (user === null ? 'own' : 'users'))
  return { ...others, settings: [...own, ...users] }
}

/** Takes the steps, and returns the states of all tenants. */
async function run(plane: Isolate, steps: readonly Step[], document: object = DOCUMENT) {
  const tenants = [await plane.create({ seed: document })]
  const at = (index: number) => tenants[index % tenants.length] ?? Promise.reject(new RangeError())
  for (const taken of steps) {
    if (taken.do === 'fork') {
      tenants.push(await forkOf(plane, await at(taken.of)))
      continue
    }
    const tenant = await at(taken.in)
    const { id, tokens } = tenant
    const token = tokens.admin
    if (taken.do === 'set') await put(plane, tenant, taken.value)
    if (taken.do === 'rename') {
      const json = { partitionGlobalId: id, name: taken.name }
      await plane.call('PUT', `/api/Group/${id}/team`, { token, json })
    }
    if (taken.do === 'set of user') {
      const json = { partitionGlobalId: id, userId: 'ann', settings: [{ key: 'b', value: 'changed' }] }
      await plane.call('PUT', '/api/Setting', { token, json })
    }
    if (taken.do === 'remove user') await plane.call('DELETE', '/api/User/bob', { token })
    if (taken.do === 'reset') await plane.control('POST', `/tenants/${id}/reset`)
    if (taken.do === 'read') await plane.call('GET', `/api/Group/${id}`, { token })
  }
  const states = []
  for (const tenant of tenants) states.push(await stateOf(plane, tenant))
  return states
}

test('whatever is done in whichever order, the tenants are as in a deployment', async () => {
  const property = fc.asyncProperty(fc.array(step, { maxLength: 8 }), async (steps) => {
    expect(await run(isolate('embedded'), steps)).toEqual(await run(isolate('deployed'), steps))
  })
  await fc.assert(property, { numRuns: 25 })
}, 120_000)

test('so they are without settings of no user, but for the order of these and users’ in a dump', async () => {
  const property = fc.asyncProperty(fc.array(step, { maxLength: 8 }), async (steps) => {
    const [embedded, deployed] = [isolate('embedded'), isolate('deployed')]
    const states = (await run(embedded, steps, WITHOUT_OWN)).map(ownFirst)
    expect(states).toEqual((await run(deployed, steps, WITHOUT_OWN)).map(ownFirst))
  })
  await fc.assert(property, { numRuns: 25 })
}, 120_000)
