// What real clients do from sign-in to clean-up, call by call, with the headers and odd habits they have.
import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, test } from 'vitest'
import { replant } from '../support/documented-tenant.ts'
import { answer, call } from '../support/tenant.ts'

const EVERYONE = 'ce684f6f-5af3-4e43-8516-1adad6e98fc9'
const ADMINISTRATORS = '35551807-06b1-4cda-90a1-2fb84851eee7'
const P = 'magic-7'
const JSON_TYPE = { 'Content-Type': 'application/json' }

interface Page<Item> {
  totalCount: number
  results: Item[]
}
interface Row {
  id: string
  [property: string]: unknown
}

let token: string

beforeAll(async () => {
  await replant(env.DB)
  // Every field is sent, empty when unused.
  const form =
    'grant_type=client_credentials&client_id=hogwarts-admin&client_secret=hogwarts-admin-secret&code=&code_verifier=' +
    '&redirect_uri=&refresh_token=&scope=&acr_values=tenantName%3Ahogwarts'
  const headers = { 'Content-Type': 'application/x-www-form-urlencoded' }
  const response = await call('POST', '/hogwarts/identity_/connect/token', { json: form, headers })
  token = (await answer<{ access_token: string }>(response)).access_token
})

const api = async <Body>(status: number, method: string, path: string, json?: unknown) =>
  answer<Body>(await call(method, `/hogwarts/identity_/api/${path}`, { token, json, headers: JSON_TYPE }), status)

test('an administration shell copies a robot into a new group and cleans up', async () => {
  const groups = await api<Row[]>(200, 'GET', `Group/${P}?$count=false`)
  expect(groups.map(({ name, type, members }) => [name, type, members])).toContainEqual(['Everyone', 0, []])
  const found = await api<Record<string, { identifier: string; objectType: string } | null>>(
    200,
    'POST',
    `Directory/BulkResolveByName/${P}`,
    { entityNames: ['Luna', 'nobody'], entityType: 'user' },
  )
  expect(found).toMatchObject({ Luna: { identifier: 'lun-1302', objectType: 'DirectoryUser' }, nobody: null })
  const robot = await api<Row>(201, 'POST', 'RobotAccount', {
    partitionGlobalId: P,
    name: 'Roby',
    displayName: 'Roby',
    groupIDsToAdd: [EVERYONE],
  })
  expect(robot).toMatchObject({ name: 'Roby', displayName: 'Roby', lastLoginTime: null, groupIds: [EVERYONE] })
  const id = crypto.randomUUID()
  const members = { directoryUserMemberIDs: [robot.id, 'lun-1302'] }
  const group = await api<Row>(201, 'POST', 'Group', { partitionGlobalId: P, id, name: 'Ravenclaws', ...members })
  expect(group).toMatchObject({ id, type: 1, lastModificationTime: null })
  const page = await api<Page<Row>>(200, 'GET', `RobotAccount/${P}?top=1000&skip=0&$count=false`)
  expect(page).toMatchObject({ totalCount: 1, results: [{ id: robot.id }] })
  expect(new Set([page.results[0]?.['groupIds']].flat())).toEqual(new Set([EVERYONE, id]))
  await api(200, 'PUT', `Group/${id}`, {
    partitionGlobalId: P,
    name: 'Ravenclaws',
    directoryUserIDsToRemove: ['lun-1302'],
  })
  expect(await api(200, 'GET', `Group/${P}/${id}`)).toMatchObject({
    members: [{ objectType: 'DirectoryRobotUser', identifier: robot.id, source: 'local' }],
  })
  await api(204, 'DELETE', `RobotAccount/${P}`, { robotAccountIDs: [robot.id] })
  expect(await api(200, 'GET', `Group/${P}/${id}`)).toMatchObject({ members: [] })
  await api(204, 'DELETE', `Group/${P}/${id}`)
  await api(404, 'DELETE', `Group/${P}/${id}`)
})

const FIRST_ADMINISTRATORS = ['her-1909', 'har-3107'].map((id) => ({ id, type: 0 }))

describe('a software development kit', () => {
  test('pages through users and lets one join and leave the administrators', async () => {
    const pages = await Promise.all(
      [0, 1, 2, 3, 4].map((skip) =>
        api<Page<Row>>(200, 'GET', `User/users/${P}?top=1&skip=${skip}&sortBy=UserName&sortOrder=asc`),
      ),
    )
    expect(pages.map(({ totalCount }) => totalCount)).toEqual([5, 5, 5, 5, 5])
    expect(pages.map(({ results }) => results[0]?.['userName'])).toEqual([
      'Harry',
      'Hermione',
      'Luna',
      'Neville',
      'Ron',
    ])
    expect(await api(200, 'GET', `User/users/${P}?top=10&skip=5`)).toEqual({ totalCount: 5, results: [] })
    const join = { groupIDsToAdd: [ADMINISTRATORS] }
    expect(await api(200, 'PUT', 'User/ron-0103', join)).toEqual({ succeeded: true, errors: [] })
    expect(await api(200, 'GET', `Group/${P}/${ADMINISTRATORS}/Members?top=100`)).toEqual({
      totalCount: 3,
      results: [...FIRST_ADMINISTRATORS, { id: 'ron-0103', type: 0 }],
    })
    const ron = await api<Row>(200, 'GET', 'User/ron-0103')
    expect(ron).toMatchObject({
      type: 0,
      category: 0,
      isActive: true,
      emailConfirmed: true,
      legacyId: expect.any(Number),
    })
    expect(ron['groupIDs']).toContain(ADMINISTRATORS)
    expect(
      await api(200, 'POST', `Directory/GroupMembership/${P}`, {
        userId: 'ron-0103',
        groupIds: [ADMINISTRATORS, EVERYONE],
      }),
    ).toHaveLength(2)
    await api(200, 'PUT', 'User/ron-0103', { groupIDsToRemove: [ADMINISTRATORS] })
    expect(await api(200, 'GET', `Group/${P}/${ADMINISTRATORS}/Members`)).toEqual({
      totalCount: 2,
      results: FIRST_ADMINISTRATORS,
    })
  })

  test('keeps the theme of a user apart from everything else', async () => {
    const settings = [
      { key: 'UserTheme.Theme', value: 'dark' },
      { key: 'UserLanguage.Language', value: 'en' },
    ]
    await api(200, 'PUT', 'Setting', { settings, partitionGlobalId: P, userId: 'har-3107' })
    const query = `Setting?key=UserTheme.Theme&key=UserAlert.AlertDuration&partitionGlobalId=${P}`
    expect(await api(200, 'GET', `${query}&userId=har-3107`)).toMatchObject([{ value: 'dark', userId: 'har-3107' }])
    expect(await api(200, 'GET', query)).toEqual([])
    expect(await api(403, 'GET', 'Setting?key=UserTheme.Theme')).toEqual({ errorMessage: 'User is not host admin' })
  })

  test('creates users, is told what is wrong with them, and deletes them', async () => {
    const one = { userName: 'draco', email: 'draco@hogwarts.example', name: 'Draco', surname: 'Malfoy', type: 'user' }
    const bulk = { users: [one, { ...one, userName: 'crabbe' }], partitionGlobalId: P, groupIDs: [] }
    const refused = await api<{ result: { succeeded: boolean; errors: { code: string }[] }; users: unknown[] }>(
      400,
      'POST',
      'User/BulkCreate',
      bulk,
    )
    expect(refused).toMatchObject({ result: { succeeded: false, errors: [{ code: 'DuplicateEmail' }] }, users: [] })
    const created = await api<{ users: Row[] }>(200, 'POST', 'User/BulkCreate', { ...bulk, users: [one] })
    expect(created).toMatchObject({ result: { succeeded: true, errors: [] }, users: [{ userName: 'draco' }] })
    await api(204, 'DELETE', 'User', { partitionGlobalId: P, userIds: created.users.map(({ id }) => id) })
    await api(404, 'GET', `User/${created.users[0]?.id}`)
  })
})
