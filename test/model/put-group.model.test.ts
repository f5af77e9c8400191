// Random sequences of calls on a few groups, compared step by step with a plain model of the rules of a group.
// Two partitions hold groups and entities of the same ids, so that a write that strays shows in the other one.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Group } from '../../src/groups/group.schema.ts'
import { isGuid } from '../../src/http/identifier.ts'
import { adminOf, answer, call, createPartition, customGroup, hostAdmin, user } from '../support/tenant.ts'

/** How many sequences are walked; the same ones on any machine. */
const WALKS = 80

const NOWHERE = 'f0000000-0000-4000-8000-00000000ffff'
const EVERYONE = 'ce684f6f-5af3-4e43-8516-1adad6e98fc9'
const ADMINISTRATORS = '35551807-06b1-4cda-90a1-2fb84851eee7'
const WIZARDS = '3c0ffee0-0000-4000-8000-00000000aaaa'
const WITCHES = 'witch-01'
const GROUPS = [EVERYONE, ADMINISTRATORS, WIZARDS, WITCHES]
/** Stands for the name the group has at the time. */
const OWN = '<own>'
const DIRECTORY = ['ann', 'aad|bob', '5eed0000-0000-4000-8000-0000000000cc', 'dän', 'e/v e?']

type Caller = 'first' | 'second' | 'host'
type Place = 'first' | 'second' | 'nowhere'

interface Step {
  call: 'put short' | 'put long' | 'get' | 'list'
  caller: Caller
  /** In the path; for a short PUT in the body, unless it is the caller's own and `named` is undefined. */
  place: Place
  /** In the body of a long PUT. */
  named: Place | undefined
  group: string
  name: string | null | undefined
  add: string[] | null | undefined
  remove: string[] | null | undefined
  /** How property names and ids are spelled. */
  spell: 'asIs' | 'upper' | 'lower'
}

const fold = (text: string) => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase())
const spellings = {
  asIs: (text: string) => text,
  upper: (text: string) => text.replace(/[a-z]/g, (letter) => letter.toUpperCase()),
  lower: fold,
}

const anyText = fc.string({ minLength: 1, maxLength: 20, unit: 'binary' }).filter((text) => !text.includes('\0'))
const someName = fc.constantFrom(
  'Wizards',
  'wIZARDS',
  'Witches',
  'Everyone',
  'EVERYONE',
  'Administrators',
  'Élan',
  'élan',
)
const noName = fc.constantFrom(undefined, null, '', ' \t')
const ids = fc.oneof(
  { weight: 8, arbitrary: fc.array(fc.constantFrom(...DIRECTORY), { maxLength: 6 }) },
  {
    weight: 1,
    arbitrary: fc.array(fc.constantFrom(...DIRECTORY, 'nix', NOWHERE, 'DÄN', 'her-1909'), { maxLength: 4 }),
  },
  { weight: 1, arbitrary: fc.constantFrom(undefined, null) },
)
/** Ids that are neither GUIDs nor known are refused in either list. Those to remove are told nowhere else. */
const removed = ids.map((drawn) => drawn?.filter((id) => isGuid(id) || DIRECTORY.includes(id)))
const place = fc.oneof(
  { weight: 8, arbitrary: fc.constant<Place>('first') },
  fc.constantFrom<Place[]>('second', 'nowhere'),
)
const step: fc.Arbitrary<Step> = fc.record({
  call: fc.constantFrom('put short', 'put short', 'put long', 'put long', 'get', 'list'),
  caller: fc.constantFrom('first', 'first', 'first', 'first', 'host', 'second'),
  place,
  named: fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, place),
  group: fc.oneof({ weight: 12, arbitrary: fc.constantFrom(...GROUPS) }, fc.constantFrom(NOWHERE, 'gryff-01', 'ann')),
  name: fc.oneof(
    { weight: 8, arbitrary: fc.constant(OWN) },
    { weight: 4, arbitrary: someName },
    { weight: 4, arbitrary: anyText },
    noName,
  ),
  add: ids,
  remove: removed,
  spell: fc.constantFrom('asIs', 'upper', 'lower'),
})

/** A partition as it has to be. Groups stand in the order of their creation. */
class Model {
  readonly groups: Group[]

  constructor(groups: Group[]) {
    this.groups = groups
  }

  find = (id: string) => this.groups.find((group) => fold(group.id) === fold(id))

  /** Every status a PUT may be refused with, as far as the group and the body are concerned; none: it succeeds. */
  refusals({ group: id, name, add }: Step): number[] {
    const group = this.find(id)
    if (!group) return [isGuid(id) ? 404 : 400, ...(name?.trim() ? [] : [409])]
    const unknown = (add ?? []).some((entity) => !DIRECTORY.map(fold).includes(fold(entity)))
    const taken = this.groups.some((other) => other !== group && fold(other.name) === fold(name ?? ''))
    const keepsName = group.type === 1 || fold(group.name) === fold(name ?? '')
    return [...(unknown ? [400] : []), ...(!name?.trim() || taken || !keepsName ? [409] : [])]
  }

  /** What a PUT that succeeds makes of the group; the time of it is the server's to say. */
  change({ group: id, name, add, remove }: Step): Partial<Group> {
    const { type, name: before, members } = this.find(id) ?? { type: 1, name: '', members: [] }
    const [added, removed] = [new Set(add?.map(fold)), new Set(remove?.map(fold))]
    const after = DIRECTORY.filter((entity) => {
      const present = members.some(({ identifier }) => identifier === entity)
      return added.has(fold(entity)) === removed.has(fold(entity)) ? present : added.has(fold(entity))
    })
    const named = type === 0 ? before : (name ?? '')
    return { name: named, displayName: named, members: after.map(member) }
  }
}

const member = (id: string): Group['members'][number] => ({
  objectType: 'DirectoryUser',
  ...{ firstName: null, lastName: null, jobTitle: null, companyName: null, city: null, department: null },
  ...{ displayName: `User ${id}`, source: 'local', identifier: id, name: id, email: '' },
})

/** Two partitions alike, their models, and the tokens of the callers. */
async function createWorld() {
  const plant = async () => {
    const groups = [customGroup(WIZARDS, 'Wizards', ['dän', 'ann']), customGroup(WITCHES, 'Witches')]
    const id = await createPartition({ entities: DIRECTORY.map(user), groups })
    const token = await adminOf(id)
    const listed = await answer<Group[]>(await call('GET', `/api/Group/${id}`, { token }))
    const filled = listed.map((group) =>
      group.id === WIZARDS ? { ...group, members: ['ann', 'dän'].map(member) } : group,
    )
    return { id, token, model: new Model(filled) }
  }
  const [first, second] = [await plant(), await plant()]
  return { first, second, nowhere: { id: NOWHERE, model: new Model([]) }, host: { token: await hostAdmin() } }
}
type World = Awaited<ReturnType<typeof createWorld>>

function send(world: World, { call: kind, caller, place, named, group, name, add, remove, spell }: Step) {
  const respell = spellings[spell]
  const { token } = world[caller]
  const path = `/api/Group/${respell(world[place].id)}`
  const groupId = encodeURIComponent(respell(group))
  if (kind === 'list') return call('GET', path, { token })
  if (kind === 'get') return call('GET', `${path}/${groupId}`, { token })
  const partition = kind === 'put long' || (named === undefined && caller === place) ? named : place
  const json = {
    [respell('partitionGlobalId')]: partition && respell(world[partition].id),
    [respell('name')]: name,
    [respell('directoryUserIDsToAdd')]: add?.map(respell),
    [respell('directoryUserIDsToRemove')]: remove?.map(respell),
  }
  return call('PUT', kind === 'put short' ? `/api/Group/${groupId}` : `${path}/${groupId}`, { token, json })
}

/** Every status the call may be refused with; none: it succeeds. */
function refusals(world: World, step: Step): number[] {
  const { call: kind, caller, place, named, group, name } = step
  const differs = kind === 'put long' && named !== undefined && named !== place ? [400] : []
  if (caller !== 'host' && caller !== place) return [403, ...differs]
  const { model } = world[place]
  if (place === 'nowhere') return [404, 400, ...differs, ...(kind.startsWith('put') && !name?.trim() ? [409] : [])]
  if (kind === 'list') return []
  if (kind === 'get') return model.find(group) ? [] : [isGuid(group) ? 404 : 400]
  return [...differs, ...model.refusals(step)]
}

async function take(world: World, drawn: Step) {
  const { model } = world[drawn.place]
  const name = drawn.name === OWN ? spellings[drawn.spell](model.find(drawn.group)?.name ?? OWN) : drawn.name
  const step = { ...drawn, name }
  const expected = refusals(world, step)
  const response = await send(world, step)
  if (expected.length > 0) {
    const text = await response.text()
    expect(expected, `${response.status} ${text}`).toContain(response.status)
    return
  }
  if (step.call === 'list') {
    expect(await answer(response)).toEqual(model.groups.map((group) => ({ ...group, members: [] })))
    return
  }
  const group = model.find(step.group)
  const found = await answer<Group>(response)
  if (group && step.call !== 'get') {
    const { lastModificationTime } = found
    expect(Date.parse(`${lastModificationTime}Z`)).toBeGreaterThanOrEqual(Date.parse(`${group.creationTime}Z`))
    Object.assign(group, model.change(step), { lastModificationTime })
  }
  expect(found).toEqual(group)
}

test('PUT /api/Group and GET /api/Group do what the rules say, whatever came before', {
  timeout: 300_000,
}, async () => {
  const walk = fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 40, size: 'max' }), async (steps) => {
    const world = await createWorld()
    for (const step of steps) await take(world, step)
    for (const { id, token, model } of [world.first, world.second]) {
      for (const group of model.groups) {
        expect(await answer(await call('GET', `/api/Group/${id}/${group.id}`, { token }))).toEqual(group)
      }
    }
  })
  await fc.assert(walk, { seed: 16460200, numRuns: WALKS })
})
