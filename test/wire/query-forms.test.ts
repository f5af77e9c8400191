// Queries and forms as model binding reads them: lists with an index, enumerations, numbers with their ranges and texts, and
// names of form fields in any case. For every operation whose schema has such a parameter.
import { env, exports } from 'cloudflare:workers'
import { decodeJwt } from 'jose'
import { describe, expect, test } from 'vitest'
import { plantClient } from '../../src/connect/client.seed.ts'
import { Database } from '../../src/database/database.ts'
import type { Operation } from '../../src/http/contract.ts'
import { all, named, partitionGlobalId, pathOf, queryOf, send, token } from '../support/every-operation.ts'
import { adminOf, answer, call, createPartition, ORIGIN, user } from '../support/tenant.ts'

const parametersOf = ({ contract }: Operation): string[] => {
  const shape = contract.query && 'shape' in contract.query ? contract.query.shape : undefined
  return typeof shape === 'object' && shape !== null ? Object.keys(shape) : []
}
const taking = (parameter: string) => named(all.filter((operation) => parametersOf(operation).includes(parameter)))

const ask = (operation: Operation, query: string) => {
  const own = queryOf(operation)
  return send(operation, { token, path: `${pathOf(operation)}${own === '' ? '?' : `${own}&`}${query}` })
}

async function expectRefusal(operation: Operation, query: string, errors: object) {
  const problem = await answer<{ errors: object }>(await ask(operation, query), 400)
  expect(problem.errors, query).toEqual(errors)
}

test('operations with these parameters are found', () => {
  const counts = ['top', 'skip', 'sortOrder', 'sortBy', 'searchTerm', 'key', 'sourceFilter'].map(
    (name) => taking(name).length,
  )
  expect(counts).toEqual([5, 5, 4, 4, 3, 1, 1])
})

describe('numbers', () => {
  test.each(taking('top'))('%s > a page within its ranges', async (_, operation) => {
    for (const query of [
      'skip=2147483647',
      'top=0&skip=2147483647',
      'top=1000',
      'top=&skip=',
      'TOP=%2B5&Skip=%205%20',
      'top=-0',
      'top=0005',
    ]) {
      await answer(await ask(operation, query))
    }
    const between = (field: string, maximum: number) => [`The field ${field} must be between 0 and ${maximum}.`]
    await expectRefusal(operation, 'top=1001', { top: between('top', 1000) })
    await expectRefusal(operation, 'top=-1&skip=-1', { top: between('top', 1000), skip: between('skip', 2147483647) })
    await expectRefusal(operation, 'top=2147483647', { top: between('top', 1000) })
    for (const value of [
      'abc',
      '1.5',
      '1e3',
      '2147483648',
      '-2147483649',
      '99999999999999999999',
      '1,0',
      '٣',
      '+',
      "' or 1=1",
    ]) {
      const errors = { skip: [`The value '${value}' is not valid.`] }
      await expectRefusal(operation, `skip=${encodeURIComponent(value)}`, errors)
    }
  })
})

describe('enumerations and fields', () => {
  test.each(taking('sortOrder'))(
    '%s > sortOrder by name in any case, by number, or not at all',
    async (_, operation) => {
      for (const order of ['asc', 'DESC', 'Desc', '0', '1', '%201', '+1', '01', ''])
        await answer(await ask(operation, `sortOrder=${order}`))
      for (const order of ['foo', '2', '-1', 'ascending', 'asc;', '1.0', 'null', "'"]) {
        await expectRefusal(operation, `sortOrder=${encodeURIComponent(order)}`, {
          sortOrder: [`The value '${order}' is not valid.`],
        })
      }
    },
  )

  test.each(taking('sortBy'))('%s > sortBy by name in any case, or not at all', async (_, operation) => {
    for (const field of ['Id', 'CREATIONTIME', 'creationTime', ''])
      await answer(await ask(operation, `sortBy=${field}`))
    for (const field of ['foo', 'id desc', 'toString', '__proto__', '0', '1']) {
      await expectRefusal(operation, `sortBy=${field}`, { sortBy: [`The value '${field}' is not valid.`] })
    }
  })

  test('1 sorts descending, 0 ascending', async () => {
    const partition = await createPartition({ entities: ['a', 'b', 'c'].map(user) })
    const names = async (order: string) => {
      const path = `/api/User/users/${partition}?sortBy=UserName&sortOrder=${order}`
      const { results } = await answer<{ results: { userName: string }[] }>(
        await call('GET', path, { token: await adminOf(partition) }),
      )
      return results.map(({ userName }) => userName).join('')
    }
    expect([await names('0'), await names('1'), await names('Asc'), await names('desc')]).toEqual([
      'abc',
      'cba',
      'abc',
      'cba',
    ])
  })

  test.each(taking('sourceFilter'))('%s > a type and a source cannot be asked for together', async (_, operation) => {
    for (const query of [
      'entityType=user&sourceFilter=localUsers',
      'entityType=0&sourceFilter=5',
      'entityType=1&sourceFilter[0]=0',
    ]) {
      const problem = await answer<{ errors: object }>(await ask(operation, query), 400)
      expect(problem.errors).toEqual({ entityType: [expect.stringContaining('together')] })
    }
    for (const query of ['entityType=user&sourceFilter=', 'entityType=&sourceFilter=0'])
      await answer(await ask(operation, query))
  })
})

test.each(taking('searchTerm'))('%s > a searchTerm with NUL finds nothing', async (_, operation) => {
  for (const term of ['%00', '%00a', 'a%00', '%00%00', `${'a'.repeat(60)}%00`]) {
    expect(await answer(await ask(operation, `searchTerm=${term}`))).toEqual({ totalCount: 0, results: [] })
  }
})

describe('lists with an index', () => {
  const settings = ['One', 'Two', 'Three'].map((key) => ({ key, value: key }))
  const find = async (query: string) => {
    const path = `/api/Setting?partitionGlobalId=${partitionGlobalId}&${query}`
    const found = await answer<{ key: string }[]>(await call('GET', path, { token }))
    return found.map(({ key }) => key)
  }

  test.each([
    ['key[0]=One&key[1]=Two', ['One', 'Two']],
    ['KEY%5B0%5D=One&Key%5b1%5D=Two', ['One', 'Two']],
    ['key[1]=Two&key[0]=One', ['One', 'Two']],
    ['key[0]=One&key[2]=Three', ['One']],
    ['key[1]=Two', []],
    ['key.index=a&key.index=B&key[a]=One&key[b]=Three', ['One', 'Three']],
    ['[0]=One&[1]=Two', ['One', 'Two']],
    ['key=One&key[0]=Two', ['One']],
    ['key[0]=One&key[0]=Two', ['One']],
    ['key[]=One', []],
    ['key[__proto__]=One&key.index=__proto__', ['One']],
    ['key[0=One', []],
  ])('%s > %j', async (query, keys) => {
    await answer(await call('PUT', '/api/Setting', { token, json: { partitionGlobalId, settings } }))
    expect(await find(query)).toEqual(keys)
  })

  test('of sources', async () => {
    const path = `/api/Directory/Search/${partitionGlobalId}?startsWith=`
    const typesOf = async (query: string) => {
      const found = await answer<{ objectType: string }[]>(await call('GET', `${path}${query}`, { token }))
      return [...new Set(found.map(({ objectType }) => objectType))].sort()
    }
    expect(await typesOf('E&sourceFilter[0]=robotAccounts')).toEqual(['DirectoryRobotUser'])
    expect(await typesOf('E&sourceFilter[0]=4&SourceFilter[1]=LocalGroups')).toEqual([
      'DirectoryGroup',
      'DirectoryRobotUser',
    ])
    await answer(await call('GET', `${path}E&sourceFilter[0]=foo`, { token }), 400)
  })
})

describe('POST /connect/token > names of fields in any case', () => {
  const post = async (form: string, status = 200) =>
    answer<{ access_token: string; scope: string; error: string }>(
      await exports.default.fetch(`${ORIGIN}/identity_/connect/token`, {
        method: 'POST',
        body: form,
        headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
      }),
      status,
    )

  test('each of them counts, and none twice', async () => {
    const [id, partition] = [crypto.randomUUID(), await createPartition()]
    const scopes = ['PM.Group', 'PM.Setting']
    await new Database(env.DB).batch(await plantClient({ id, secret: 's', partition, scopes, hostAdmin: false }))
    const { access_token, scope } = await post(
      `GRANT_TYPE=client_credentials&client_Id=${id}&Client_Secret=s&Scope=PM.Group`,
    )
    expect([scope, decodeJwt(access_token)['scope']]).toEqual(['PM.Group', ['PM.Group']])
    const twice = `grant_type=client_credentials&client_id=${id}&client_secret=s&scope=PM.Group&Scope=PM.Setting`
    expect(await post(twice, 400)).toEqual({ error: 'invalid_request' })
    expect(
      (await post(`grant_type=client_credentials&Scope=&scope=PM.Group&client_id=${id}&CLIENT_SECRET=s`)).scope,
    ).toBe('PM.Group')
  })
})
