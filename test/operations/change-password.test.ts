// POST /api/User/{user}/changepassword: who knows the present password sets a new one that the rules allow.
import { beforeEach, describe, expect, test } from 'vitest'
import { adminOf, answer, call, createPartition, hostAdmin, mint, user } from '../support/tenant.ts'
import { errorsOf, findUser } from '../support/users.ts'

let partition: string
let token: string
let id: string

beforeEach(async () => {
  partition = await createPartition({ entities: [user('none')] })
  token = await adminOf(partition)
  id = crypto.randomUUID()
  await rule('Auth.Password.PasswordComplexity', '{}')
  await answer(await call('POST', '/api/User', { token, json: { id, userName: 'ada', password: 'first' } }))
})

const change = async (oldPassword: unknown, newPassword: unknown, who = id, as = token) =>
  call('POST', `/api/User/${who}/changepassword`, { token: as, json: { oldPassword, newPassword } })
const codes = async (response: Response) => (await errorsOf(response)).map(({ code }) => code)
const rule = async (key: string, value: string) =>
  answer(
    await call('PUT', '/api/Setting', { token, json: { settings: [{ key, value }], partitionGlobalId: partition } }),
  )

describe('POST /api/User/{user}/changepassword > 200', () => {
  test('the new password is the one to be known from then on', async () => {
    expect(await answer(await change('first', 'second'))).toEqual({ succeeded: true, errors: [] })
    expect(await codes(await change('first', 'third'))).toEqual(['PasswordMismatch'])
    await answer(await change('second', 'third', id.toUpperCase()))
    expect((await findUser(token, id)).lastModificationTime).toEqual(expect.any(String))
  })

  test('a password set by PUT is one as well', async () => {
    await answer(await call('PUT', `/api/User/${id}`, { token, json: { password: 'given' } }))
    expect(await codes(await change('first', 'second'))).toEqual(['PasswordMismatch'])
    await answer(await change('given', 'second'))
  })

  test('a user changes its own password, and nobody else’s', async () => {
    const other = crypto.randomUUID()
    await answer(await call('POST', '/api/User', { token, json: { id: other, userName: 'bob', password: 'first' } }))
    const own = await mint({ prt_id: partition, sub: id, sub_type: 'user' })
    await answer(await change('first', 'second', id, own))
    await answer(await change('first', 'second', other, own), 403)
    await answer(await change('first', 'second', other))
  })

  test('any text is a password: spaces, capitals and letters beyond ASCII count', async () => {
    const passwords = ['first', ' first', 'First', 'fírst', '😀', 'x'.repeat(256)]
    for (const [index, password] of passwords.slice(1).entries()) {
      expect(await codes(await change(password, 'other'))).toEqual(['PasswordMismatch'])
      await answer(await change(passwords[index], password))
    }
  })
})

describe('POST /api/User/{user}/changepassword > 400', () => {
  test('a wrong password is told, and nothing about the new one', async () => {
    await rule('Auth.Password.PasswordComplexity', '{"Length":20}')
    expect(await errorsOf(await change('wrong', 'x'))).toEqual([
      { code: 'PasswordMismatch', description: 'Incorrect password.' },
    ])
    expect((await findUser(token, id)).lastModificationTime).toBeNull()
  })

  test('a user without a password has none to change', async () => {
    expect(await codes(await change('', 'second', 'none'))).toEqual(['PasswordMismatch'])
  })

  test('what the partition’s rule asks is all there, and nothing else is asked', async () => {
    const value = '{"Length":8,"HasDigit":true,"HasLowercase":true,"HasUppercase":true,"HasSpecialCharacter":true}'
    await rule('Auth.Password.PasswordComplexity', value)
    expect(await codes(await change('first', '.'))).toEqual([
      ...['PasswordTooShort', 'PasswordRequiresDigit', 'PasswordRequiresLower', 'PasswordRequiresUpper'],
    ])
    expect(await codes(await change('first', 'Abcdefg1'))).toEqual(['PasswordRequiresNonAlphanumeric'])
    await answer(await change('first', 'Abcdefg1!'))
    await rule('Auth.Password.PasswordComplexity', '{}')
    await answer(await change('Abcdefg1!', '.'))
  })

  test.each([
    ['0', { first: true, second: true, third: true }],
    ['1', { third: false, second: true, first: true }],
    ['2', { third: false, second: false, first: true }],
    ['3', { third: false, second: false, first: false }],
    ['1000', { third: false, second: false, first: false }],
    ['many', { third: true, second: true }],
    ['', { third: true, first: true }],
  ])('where the last %j passwords may not come again: %j', async (limit, allowed) => {
    for (const [reused, free] of Object.entries(allowed)) {
      const who = crypto.randomUUID()
      await rule('Auth.Password.PreviousUseLimit', '0')
      await answer(await call('POST', '/api/User', { token, json: { id: who, userName: who, password: 'first' } }))
      await answer(await change('first', 'second', who))
      await answer(await change('second', 'third', who))
      await rule('Auth.Password.PreviousUseLimit', limit)
      const response = await change('third', reused, who)
      if (free) await answer(response)
      else expect(await codes(response)).toEqual(['PasswordUsedBefore'])
    }
  })

  test.each([
    [{}, ['oldPassword', 'newPassword']],
    [{ oldPassword: 'first' }, ['newPassword']],
    [{ oldPassword: 'first', newPassword: '' }, ['newPassword']],
    [{ oldPassword: 'first', newPassword: 'x'.repeat(257) }, ['newPassword']],
    [{ oldPassword: 'a'.repeat(257), newPassword: null }, ['oldPassword', 'newPassword']],
  ])('a problem for %j', async (json, fields) => {
    const response = await call('POST', `/api/User/${id}/changepassword`, { token, json })
    const { errors } = await answer<{ errors: object }>(response, 400)
    expect(Object.keys(errors)).toEqual(fields)
    await answer(await change('first', 'second'))
  })
})

describe('POST /api/User/{user}/changepassword > 404', () => {
  test('for a user that is unknown, or of another partition', async () => {
    await answer(await change('first', 'second', crypto.randomUUID()), 404)
    await answer(await change('first', 'second', id, await adminOf(await createPartition())), 404)
    await answer(await change('first', 'second', id, await hostAdmin()), 404)
    await answer(await change('first', 'second', 'nobody'), 400)
  })
})

test('of 50 changes from one password at once exactly one succeeds', async () => {
  const responses = await Promise.all(Array.from({ length: 50 }, (_, index) => change('first', `new ${index}`)))
  const statuses = responses.map(({ status }) => status)
  expect(statuses.filter((status) => status === 200)).toHaveLength(1)
  await answer(await change(`new ${statuses.indexOf(200)}`, 'last'))
})
