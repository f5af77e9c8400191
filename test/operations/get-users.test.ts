// GET /api/User/users/{partition} and GET /api/User/{user}: pages of users, searched and sorted, and one by its id.
import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, test } from 'vitest'
import { EVERYONE } from '../../src/groups/group.schema.ts'
import { adminOf, answer, call, createPartition, customGroup, hostAdmin, user } from '../support/tenant.ts'
import { EVERY_FIELD, findUser, type Page, stored } from '../support/users.ts'

let partition: string
let token: string

const people = [
  {
    ...user('ada'),
    displayName: 'Ada Lovelace',
    email: 'ada@analytical.example',
    firstName: 'Ada',
    lastName: 'Lovelace',
  },
  { ...user('bob'), displayName: 'Élodie Öz', email: '', firstName: 'Élodie', lastName: 'Öz' },
  {
    ...user('Cay'),
    displayName: 'ada lovelace',
    email: 'CAY@analytical.example',
    firstName: null,
    lastName: 'lovelace',
  },
  { ...user('dee'), displayName: '100% _Dee_', email: 'zoe@example.com', firstName: 'Dee', lastName: null },
  { ...user('eve'), displayName: 'Eve', email: '', firstName: 'eve', lastName: 'A' },
]
const robot = { ...user('rob'), type: 4 }

beforeEach(async () => {
  partition = await createPartition({
    entities: [...people.slice(0, 2), robot, ...people.slice(2)],
    groups: [customGroup('one', 'One', ['ada', 'bob']), customGroup('two', 'Two', ['ada'])],
  })
  token = await adminOf(partition)
})

const names = ({ results }: Page) => results.map(({ userName }) => userName)
const list = async (query = '') => names(await stored(token, partition, query))
const search = async (term: string, more = '') => {
  const page = await stored(token, partition, `?searchTerm=${encodeURIComponent(term)}${more}`)
  expect(page.totalCount).toBeGreaterThanOrEqual(page.results.length)
  return names(page)
}

describe('GET /api/User/users/{partition} > 200', () => {
  test('lists users alone, in directory order, with their groups', async () => {
    const page = await stored(token, partition)
    expect(Object.keys(page)).toEqual(['totalCount', 'results'])
    expect(page.totalCount).toBe(5)
    expect(names(page)).toEqual(['ada', 'bob', 'Cay', 'dee', 'eve'])
    expect(page.results.map(({ groupIDs }) => groupIDs)).toEqual([
      [EVERYONE, 'one', 'two'],
      [EVERYONE, 'one'],
      [EVERYONE],
      [EVERYONE],
      [EVERYONE],
    ])
    for (const row of page.results) expect(Object.keys(row)).toEqual(EVERY_FIELD)
  })

  test('answers the same under UserPartition', async () => {
    for (const query of ['', '?top=2&skip=1', '?searchTerm=ada&sortBy=email&sortOrder=desc']) {
      const response = await call('GET', `/api/UserPartition/users/${partition}${query}`, { token })
      expect(await answer(response)).toEqual(await stored(token, partition, query))
    }
  })

  test.each([
    ['?top=2', ['ada', 'bob']],
    ['?top=2&skip=3', ['dee', 'eve']],
    ['?top=10&skip=4', ['eve']],
    ['?top=0', []],
    ['?skip=5', []],
    ['?skip=999999999&top=1000', []],
    ['?TOP=1&Skip=1&$count=false', ['bob']],
  ])('%s is the page %j, and the total is that of all pages', async (query, expected) => {
    const page = await stored(token, partition, query)
    expect(names(page)).toEqual(expected)
    expect(page.totalCount).toBe(5)
  })

  test('is 10 users long where nothing is said', async () => {
    const many = await createPartition({ entities: Array.from({ length: 12 }, (_, index) => user(`u${index}`)) })
    const page = await stored(await adminOf(many), many)
    expect([page.results.length, page.totalCount]).toEqual([10, 12])
  })

  test.each([
    ['Id', ['ada', 'bob', 'Cay', 'dee', 'eve']],
    ['userName', ['ada', 'bob', 'Cay', 'dee', 'eve']],
    ['USERNAME', ['ada', 'bob', 'Cay', 'dee', 'eve']],
    ['displayName', ['dee', 'ada', 'Cay', 'eve', 'bob']],
    ['Surname', ['dee', 'eve', 'ada', 'Cay', 'bob']],
    ['Name', ['Cay', 'ada', 'dee', 'eve', 'bob']],
  ])('sorted by %s they are %j, and the other way round descending', async (field, expected) => {
    expect(await list(`?sortBy=${field}`)).toEqual(expected)
    expect(await list(`?sortBy=${field}&sortOrder=asc`)).toEqual(expected)
    expect(await list(`?sortBy=${field}&sortOrder=DESC`)).toEqual(expected.toReversed())
    expect(await search('e', `&sortBy=${field}`)).toEqual(expected)
    expect(await search('e', `&sortBy=${field}&sortOrder=desc`)).toEqual(expected.toReversed())
  })

  test('sorted by email those without one come first, as an empty text does, on whatever page they are', async () => {
    const ascending = ['bob', 'eve', 'ada', 'Cay', 'dee']
    const descending = ['dee', 'Cay', 'ada', 'eve', 'bob']
    for (const [order, expected] of Object.entries({ asc: ascending, desc: descending })) {
      expect(await list(`?sortBy=email&sortOrder=${order}`)).toEqual(expected)
      expect(await search('e', `&sortBy=email&sortOrder=${order}`)).toEqual(expected)
      const single = [0, 1, 2, 3, 4, 5].map((skip) => list(`?sortBy=email&sortOrder=${order}&top=1&skip=${skip}`))
      expect((await Promise.all(single)).flat()).toEqual(expected)
    }
  })

  test.each([
    ...['CreationTime', 'LastModificationTime', 'LastLoginTime', 'Type', 'Category', 'EmailConfirmed'],
    ...['IsActive', 'InvitationAccepted', ''],
  ])('sorted by %j, in which all are alike, they stay in directory order', async (field) => {
    const expected = ['ada', 'bob', 'Cay', 'dee', 'eve']
    expect(await list(`?sortBy=${encodeURIComponent(field)}`)).toEqual(expected)
    expect(await search('e', `&sortBy=${encodeURIComponent(field)}`)).toEqual(expected)
  })

  test('sorts by what differs: times and flags', async () => {
    await answer(await call('PUT', '/api/User/bob', { token, json: { isActive: false } }))
    expect((await list('?sortBy=isactive'))[0]).toBe('bob')
    expect((await list('?sortBy=LASTMODIFICATIONTIME&sortOrder=desc'))[0]).toBe('bob')
  })

  test.each([
    ['ada', ['ada', 'Cay']],
    ['ADA', ['ada', 'Cay']],
    ['analytical', ['ada', 'Cay']],
    ['cay@', ['Cay']],
    ['lovelace', ['ada', 'Cay']],
    ['ada lovelace', ['ada', 'Cay']],
    ['%', ['dee']],
    ['_', ['dee']],
    ['0% _d', ['dee']],
    ['élodie', ['bob']],
    ['ÉLODIE ÖZ', ['bob']],
    ['ÖZ', ['bob']],
    ['rob', []],
    ['nobody', []],
    ["'", []],
    ['\\', []],
    ['a'.repeat(3000), []],
    ['lodie', ['bob']],
    ['', ['ada', 'bob', 'Cay', 'dee', 'eve']],
  ])('a search for %j finds %j', async (term, expected) => {
    expect(await search(term)).toEqual(expected)
  })

  test.each([49, 50, 51, 120])('a search of %i characters is compared to the last of them', async (length) => {
    const [found, other] = [`${'Long%é-'.repeat(20)}`.slice(0, length - 1), 'x']
    const entities = [user('a'), user('b')].map((each, index) => ({ ...each, displayName: `-${found}${index}` }))
    const many = await createPartition({ entities })
    const term = encodeURIComponent(`${found}1`.toUpperCase())
    expect(names(await stored(await adminOf(many), many, `?searchTerm=${term}`))).toEqual(['b'])
    expect((await stored(await adminOf(many), many, `?searchTerm=${term}${other}`)).totalCount).toBe(0)
  })

  test('a search counts what it finds, on all pages and beyond', async () => {
    expect(await stored(token, partition, '?searchTerm=ada&top=1&skip=1')).toMatchObject({
      totalCount: 2,
      results: [{ userName: 'Cay' }],
    })
    expect(await stored(token, partition, '?searchTerm=ada&top=0')).toEqual({ totalCount: 2, results: [] })
    expect(await stored(token, partition, '?searchTerm=ada&skip=9')).toEqual({ totalCount: 2, results: [] })
    expect(await stored(token, partition, '?searchTerm=nobody')).toEqual({ totalCount: 0, results: [] })
  })

  test('a partition without users has an empty page', async () => {
    const empty = await createPartition()
    expect(await stored(await adminOf(empty), empty)).toEqual({ totalCount: 0, results: [] })
  })
})

describe('GET /api/User/users/{partition} > refusals', () => {
  test.each([
    'top=1001',
    'top=-1',
    'top=x',
    'sortBy=unknown',
    'sortBy=seq',
    "sortBy=' or 1=1 --",
    'skip=-1',
    'skip=1e3',
    'top=1.5',
  ])('400 for %s', async (query) => {
    const { errors } = await answer<{ errors: object }>(
      await call('GET', `/api/User/users/${partition}?${query}`, { token }),
      400,
    )
    expect(Object.keys(errors)).toEqual([query.split('=')[0]])
  })

  test('403 for another partition, 404 and 400 for an unknown one', async () => {
    const other = await createPartition({ entities: [user('secret')] })
    const host = await hostAdmin()
    await answer(await call('GET', `/api/User/users/${other}`, { token }), 403)
    await answer(await call('GET', `/api/User/users/${other}?searchTerm=secret`, { token }), 403)
    for (const query of ['', '?searchTerm=a', '?sortBy=email']) {
      await answer(await call('GET', `/api/User/users/${crypto.randomUUID()}${query}`, { token: host }), 404)
    }
    await answer(await call('GET', '/api/User/users/nowhere', { token: host }), 400)
  })
})

describe('GET /api/User/{user}', () => {
  test('200 with the user, by its id in any case', async () => {
    expect(await findUser(token, 'ADA')).toEqual((await stored(token, partition)).results[0])
  })

  test.each([
    ['rob', 400],
    ['nobody', 400],
    [crypto.randomUUID(), 404],
  ])('%s is no user: %i', async (id, status) => {
    await answer(await call('GET', `/api/User/${id}`, { token }), status)
  })

  test('404 for a user of another partition', async () => {
    const theirs = crypto.randomUUID()
    await createPartition({ entities: [user(theirs)] })
    await answer(await call('GET', `/api/User/${theirs}`, { token }), 404)
    await answer(await call('GET', `/api/User/${theirs}`, { token: await hostAdmin() }), 404)
  })

  test('what is kept of a password is nowhere in the answers', async () => {
    const id = crypto.randomUUID()
    await answer(await call('POST', '/api/User', { token, json: { id, userName: 'fay', password: 'Sesame-1' } }))
    const row = await env.DB.prepare('select password_hash as hash from users where password_hash is not null').first()
    expect(row?.['hash']).toMatch(/^pbkdf2-sha256-hmac\$\d+\$[\w-]{8}\$[\w-]{43}$/)
    const text = JSON.stringify([await findUser(token, id), await stored(token, partition, '?top=1000')])
    expect(text).not.toMatch(/password|pbkdf2|sesame/i)
  })
})

describe('GET /api/User/{user}/loginAttempts', () => {
  const attempts = async (id: string, query = '') => call('GET', `/api/User/${id}/loginAttempts${query}`, { token })

  test.each([
    '',
    '?top=0',
    '?top=1000&skip=5&sortBy=clientName&sortOrder=desc&userSID=S-1-5-21',
    '?since=2026-01-02T03:04:05.1234567',
    '?since=2026-01-02T03:04:05Z',
    '?since=2026-01-02',
  ])('200 with an empty page for %j', async (query) => {
    expect(await answer(await attempts('ada', query))).toEqual({ totalCount: 0, results: [] })
  })

  test.each(['top=1001', 'skip=-1', 'since=yesterday', 'since=2026-13-41'])('400 for %s', async (query) => {
    const { errors } = await answer<{ errors: object }>(await attempts('ada', `?${query}`), 400)
    expect(Object.keys(errors)).toEqual([query.split('=')[0]])
  })

  test('404 for a user that is unknown, or of another partition', async () => {
    const theirs = crypto.randomUUID()
    await createPartition({ entities: [user(theirs)] })
    await answer(await attempts(theirs), 404)
    await answer(await attempts(crypto.randomUUID()), 404)
  })
})
