// The difference between two states of a tenant, as the console shows it.
import { expect, test } from 'vitest'
import { compareDocuments } from '../../src/console/compare-documents.ts'

const before = {
  users: [
    { id: '1', userName: 'ada', email: 'a@x.example' },
    { id: '2', userName: 'ben' },
  ],
  settings: [{ id: 7, key: 'One', value: '1' }],
}

test('states that are equal have no difference, in whatever order they are told', () => {
  expect(compareDocuments(before, { ...before, users: before.users.toReversed() })).toEqual([])
})

test('what was added, removed and changed is told by name', () => {
  const after = {
    users: [{ id: '1', userName: 'ada', email: 'b@x.example' }],
    settings: [...before.settings, { id: 8, key: 'Two', value: '2' }],
  }

  expect(compareDocuments(before, after)).toEqual([
    { what: 'user ben', is: 'removed' },
    { what: 'user ada: email', is: 'changed', before: 'a@x.example', after: 'b@x.example' },
    { what: 'setting Two', is: 'added' },
  ])
})
