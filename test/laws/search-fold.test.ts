// Searches find what is equal under the fold of names, in users, robot accounts and the directory alike.
import { env } from 'cloudflare:workers'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { USER_TYPE } from '../../src/directory/member.ts'
import { spelledPrefixes } from '../../src/directory/spelled-prefixes.ts'
import { foldName } from '../../src/http/fold-name.ts'
import { foldId } from '../../src/http/identifier.ts'
import { countedCalls } from '../support/counting-d1.ts'
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
  'АБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯ',
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
    ['ΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩ', 'αβγδεζηθικλμνξοπρστυφχψω'],
    ['аБВгдежзийклмнопрстуфхцчшщъыьэюя', 'АБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯ'],
  ])('for %s finds %s', async (term, name) => expect(await found(term)).toEqual([name]))

  test.each(['istanbul', 'ıstanbul', 'strasse', 'muller', 'σασ_', 'ΣΑΣΣ'])('for %s finds nothing', async (term) => {
    expect(await found(term)).toEqual([])
  })
})

describe('a search of the directory', () => {
  const text = (at: number) => `${NAMES[at]} ${at}`
  const places = {
    'the name of a user': (at: number) => ({ ...user(`n-${at}`), name: text(at), displayName: `nobody ${at}` }),
    'the display name of a user': (at: number) => ({ ...user(`n-${at}`), displayName: text(at) }),
    'the display name of a robot account': (at: number) => ({
      ...user(`n-${at}`),
      type: USER_TYPE.robotAccount,
      displayName: text(at),
    }),
    'the name of an application': (at: number) => ({
      ...user(`n-${at}`),
      type: USER_TYPE.application,
      name: text(at),
      displayName: `nobody ${at}`,
    }),
    'the display name of an application': (at: number) => ({
      ...user(`n-${at}`),
      type: USER_TYPE.application,
      displayName: text(at),
    }),
  }

  test.each(Object.entries(places))(
    'finds %s as written, in capitals, decomposed, and by a beginning',
    async (_, of) => {
      const within = await createPartition({ entities: NAMES.map((_, at) => of(at)) })
      const bearer = await adminOf(within)
      for (const [at, name] of NAMES.entries()) {
        const [first = ''] = name
        for (const term of [name, foldName(name), name.normalize('NFD'), first, text(at), foldName(first)]) {
          const path = `/api/Directory/Search/${within}?startsWith=${encodeURIComponent(term)}`
          const found = await answer<{ identifier: string }[]>(await call('GET', path, { token: bearer }))
          expect([term, found.map(({ identifier }) => identifier)]).toEqual([term, expect.arrayContaining([`n-${at}`])])
          const alike = NAMES.flatMap((other, place) =>
            foldName(other).startsWith(foldName(term)) ? [`n-${place}`] : [],
          )
          if (!/^[ -~]*$/.test(term) && term !== text(at))
            expect(found.map(({ identifier }) => identifier).sort()).toEqual(alike)
        }
      }
    },
  )

  test('finds the ending of a long beginning that many share', async () => {
    const entities = Array.from({ length: 300 }, (_, at) => ({ ...user(`m-${at}`), displayName: `ЖУКОВСКАЯ ${at}` }))
    const last = { ...user('last'), displayName: 'Жуковский' }
    const within = await createPartition({ entities: [...entities, last] })
    const path = `/api/Directory/Search/${within}?startsWith=${encodeURIComponent('жуковски')}`
    expect(await answer(await call('GET', path, { token: await adminOf(within) }))).toMatchObject([
      { identifier: 'last' },
    ])
  })

  test('knows every way in which a text that is composed or decomposed can be written', () => {
    const anyCase = fc.tuple(
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 5 }),
      fc.nat(4),
      fc.nat(63),
      fc.boolean(),
    )
    fc.assert(
      fc.property(anyCase, ([name, length, cases, isDecomposed]) => {
        const spelled = [...name.normalize('NFC')].map((letter, at) => {
          const other = cases & (1 << at) ? letter.toLowerCase() : letter.toUpperCase()
          return foldName(other) === foldName(letter) ? other : letter
        })
        const stored = spelled.join('').normalize(isDecomposed ? 'NFD' : 'NFC')
        const prefix = [...foldName(name)].slice(0, length + 1).join('')
        if (!foldName(stored).startsWith(foldName(prefix))) return
        expect(spelledPrefixes(prefix).some((text) => foldId(stored).startsWith(foldId(text)))).toBe(true)
      }),
    )
  })
})

test('a search of the directory reads no more rows among 20,000 that match than among some', async () => {
  const crowded = await createPartition()
  await env.DB.prepare(
    `insert into directory_entities (partition_id, id, type, name, display_name)
     with recursive numbers(n) as (select 1 union all select n + 1 from numbers where n < 20000)
     select ?, 'crowd-' || n, iif(n % 2, 0, 4), 'é' || n, iif(n % 3, 'É', 'e' || char(769)) || n from numbers`,
  )
    .bind(crowded)
    .run()
  const counted = await countedCalls()
  const bearer = await adminOf(crowded)
  for (const term of ['É', 'é1', 'e\u0301', 'ÉÉÉÉÉÉÉÉ']) {
    const path = `/api/Directory/Search/${crowded}?startsWith=${encodeURIComponent(term)}`
    const { response, trips } = await counted('GET', path, { token: bearer })
    expect(await answer(response)).toHaveLength(term.length > 2 && term !== 'e\u0301' ? 0 : 100)
    expect(trips).toHaveLength(1)
    expect(trips[0]?.rowsRead, term).toBeLessThan(5000)
  }
})
