// A document that has a name or an id twice is refused with the place of both, in the words of the document.
import { expect, test } from 'vitest'
import { isolate } from '../support/control.ts'
import { answer } from '../support/tenant.ts'

const here = isolate('embedded')

const ids = { users: [{ id: 'A1', userName: 'luna' }], robotAccounts: [{ name: 'owl' }, { id: 'a1', name: 'toad' }] }
const ofLuna = [
  { key: 'Theme', user: 'luna' },
  { key: 'Theme', user: 'l-1' },
]

test.each([
  [{ users: [{ userName: 'x' }, { userName: 'X' }] }, 'users[1].userName "X" stands twice: users[0].userName is "x".'],
  [ids, 'robotAccounts[1].id "a1" stands twice: users[0].id is "A1".'],
  [
    {
      users: [
        { userName: 'a', email: 'a@x.y' },
        { userName: 'b', email: 'A@x.y' },
      ],
    },
    'users[1].email "A@x.y" stands twice: users[0].email is "a@x.y".',
  ],
  [
    { robotAccounts: [{ name: 'owl' }, { name: 'OWL' }] },
    'robotAccounts[1].name "OWL" stands twice: robotAccounts[0].name is "owl".',
  ],
  [
    { applications: [{ name: 'app' }, { name: 'app' }] },
    'applications[1].name "app" stands twice: applications[0].name is "app".',
  ],
  [{ groups: [{ name: 'g' }, { name: 'G' }] }, 'groups[1].name "G" stands twice: groups[0].name is "g".'],
  [
    {
      groups: [
        { id: 'g', name: 'one' },
        { id: 'g', name: 'two' },
      ],
    },
    'groups[1].id "g" stands twice: groups[0].id is "g".',
  ],
  [{ formerUsers: ['u', 'U'] }, 'formerUsers[1] "U" stands twice: formerUsers[0] is "u".'],
  [
    { users: [{ id: 'l-1', userName: 'luna' }], settings: [{ key: 'Theme' }, ...ofLuna] },
    'settings[2].key "Theme" stands twice: settings[1].key is "Theme".',
  ],
  [{ clients: [{ id: 'app' }, { id: 'app' }] }, 'clients[1].id "app" stands twice: clients[0].id is "app".'],
])('%j', async (seed, said) => {
  const { id } = await here.create({ seed: {} })
  const made = await here.control('POST', '/tenants', { seed })
  const loaded = await here.control('PUT', `/tenants/${id}/dump`, seed)

  expect(await answer(made, 422)).toMatchObject({ detail: said })
  expect(await answer(loaded, 422)).toMatchObject({ detail: said })
})

test('what differs, if only in case where that counts, is no contradiction', async () => {
  const seed = {
    users: [{ userName: 'owl' }, { userName: 'two' }],
    robotAccounts: [{ name: 'owl' }],
    applications: [{ name: 'owl' }],
    settings: [{ key: 'a' }, { key: 'A' }, { key: 'a', user: 'two' }],
  }

  expect(await here.create({ seed })).toMatchObject({ users: [{ userName: 'owl' }, { userName: 'two' }] })
})
