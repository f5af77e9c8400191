// Searches find what is equal under the fold of names, in users and robot accounts alike.
import { describe, expect, test } from 'vitest'
import { USER_TYPE } from '../../src/directory/member.ts'
import { adminOf, answer, call, createPartition, user } from '../support/tenant.ts'

const NAMES = [
  'ΣΑΣ',
  'İstanbul',
  'Müller',
  'mu\u0308nze',
  'Ώρα',
  'straße',
  'abc_ü%',
  '東京',
  'αβγδεζηθικλμνξοπρστυφχψω',
]
const accounts = NAMES.flatMap((name, index) => [
  { ...user(`u-${index}`), name, displayName: 'nobody' },
  { ...user(`r-${index}`), type: USER_TYPE.robotAccount, name, displayName: 'nobody' },
])
const partition = await createPartition({ entities: accounts })
const token = await adminOf(partition)

const LISTS = { users: `/api/User/users/${partition}`, 'robot accounts': `/api/RobotAccount/${partition}` }

describe.each(Object.entries(LISTS))('a search among %s', (_, path) => {
  const found = async (term: string) => {
    const page = await call('GET', `${path}?searchTerm=${encodeURIComponent(term)}`, { token })
    const { results } = await answer<{ results: { id: string }[] }>(page)
    return results.map(({ id }) => NAMES[Number(id.slice(2))])
  }

  test.each(NAMES)('finds %s by exactly that name', async (name) => expect(await found(name)).toEqual([name]))

  test.each([
    ['σας', 'ΣΑΣ'],
    ['σα', 'ΣΑΣ'],
    ['MÜLL', 'Müller'],
    ['mu\u0308ll', 'Müller'],
    ['MÜNZE', 'mu\u0308nze'],
    ['ώρ', 'Ώρα'],
    ['STRAßE', 'straße'],
    ['C_Ü%', 'abc_ü%'],
    ['ΜΝΞΟ', 'αβγδεζηθικλμνξοπρστυφχψω'],
  ])('for %s finds %s', async (term, name) => expect(await found(term)).toEqual([name]))

  test.each(['istanbul', 'ıstanbul', 'strasse', 'muller', 'σασ_', 'ΣΑΣΣ'])('for %s finds nothing', async (term) => {
    expect(await found(term)).toEqual([])
  })
})
