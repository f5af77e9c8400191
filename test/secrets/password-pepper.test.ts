// Password hashes are bound to a pepper that is kept sealed: the database alone does not tell whether a password is right.
import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, test } from 'vitest'
import { resetIsolate } from '../../src/http/isolate-memory.ts'
import { reseal, START } from '../../src/rotation/reseal.ts'
import { NotUnsealed } from '../../src/secrets/seal.ts'
import { formerHash, hashPassword, isBoundHere, verifyPassword } from '../../src/users/password.ts'
import { pepperOf } from '../../src/users/pepper.ts'
import { adminOf, answer, call, createPartition } from '../support/tenant.ts'
import { errorsOf } from '../support/users.ts'

const COMING = `${'K'.repeat(42)}A`
const BOUND = /^pbkdf2-sha256-hmac\$10000\$[\w-]{8}\$[\w-]{43}$/

let partition: string
let token: string
let id: string

beforeEach(async () => {
  partition = await createPartition({ entities: [] })
  token = await adminOf(partition)
  id = crypto.randomUUID()
  await answer(await call('POST', '/api/User', { token, json: { id, userName: 'ada', password: 'Sesame-1' } }))
})

const key = () => ({ partition, user: id })

const row = () =>
  env.DB.prepare(
    'select password_hash as hash, password_history as history from users where entity_seq = (select seq from directory_entities where partition_id = ? and id = ?)',
  )
    .bind(partition, id)
    .first<{ hash: string; history: string }>()

const keep = (hash: string) =>
  env.DB.prepare(
    'update users set password_hash = ? where entity_seq = (select seq from directory_entities where partition_id = ? and id = ?)',
  )
    .bind(hash, partition, id)
    .run()

const change = (oldPassword: string, newPassword: string) =>
  call('POST', `/api/User/${id}/changepassword`, { token, json: { oldPassword, newPassword } })

describe('a stored hash', () => {
  test('is bound to the pepper, which is stored sealed and stays the same', async () => {
    expect((await row())?.hash).toMatch(BOUND)
    const { pepper } = (await env.DB.prepare('select pepper from peppers').first<{ pepper: string }>()) ?? {}
    expect(pepper).toMatch(/^sealed:v1:/)
    const before = await pepperOf(env)
    resetIsolate()
    expect((await pepperOf(env)).id).toBe(before.id)
    await answer(await change('Sesame-1', 'Sesame-2'))
  })

  test('differs by user and by pepper', async () => {
    const hash = await hashPassword(env, id, 'Sesame-1')
    expect((await row())?.hash).toBe(hash)
    expect(await hashPassword(env, id.toUpperCase(), 'Sesame-1')).toBe(hash)
    expect(await hashPassword(env, crypto.randomUUID(), 'Sesame-1')).not.toBe(hash)
    await env.DB.prepare('delete from peppers').run()
    resetIsolate()
    expect(await isBoundHere(env, hash)).toBe(false)
    expect((await errorsOf(await change('Sesame-1', 'Sesame-2'))).map(({ code }) => code)).toEqual(['PasswordMismatch'])
  })

  test('of two isolates that make the first pepper one wins', async () => {
    await env.DB.prepare('delete from peppers').run()
    resetIsolate()
    const made = await Promise.all(Array.from({ length: 8 }, () => pepperOf(env)))
    expect(new Set(made.map((pepper) => pepper.id)).size).toBe(1)
  })
})

describe('a hash of before there was a pepper', () => {
  // Versions had different numbers of iterations.
  beforeEach(async () => keep(await formerHash(key(), 'Sesame-1', 25_000)))

  test('has the form that was released', async () => {
    expect(await formerHash({ partition: 'P', user: 'U' }, 'Sesame-1', 10_000)).toBe(
      'pbkdf2-sha256$10000$CPa/0dABeua7bgPpRtX5Hawd001l4UAsNpHhGQeVDvs=',
    )
  })

  test('is accepted, and bound as it becomes a former password', async () => {
    expect((await errorsOf(await change('Sesame-2', 'Sesame-3'))).map(({ code }) => code)).toEqual(['PasswordMismatch'])
    expect((await row())?.hash).not.toMatch(BOUND)
    await answer(await change('Sesame-1', 'Sesame-2'))
    const { hash, history } = (await row()) ?? { hash: '', history: '[]' }
    expect(hash).toBe(await hashPassword(env, id, 'Sesame-2'))
    expect(JSON.parse(history)).toEqual([await hashPassword(env, id, 'Sesame-1')])
  })

  test('is bound by a change that is refused for another reason, too', async () => {
    expect((await errorsOf(await change('Sesame-1', 'x'))).map(({ code }) => code)).toContain('PasswordTooShort')
    expect((await row())?.hash).toBe(await hashPassword(env, id, 'Sesame-1'))
  })

  test('counts among the passwords that may not be used again', async () => {
    const settings = [{ key: 'Auth.Password.PreviousUseLimit', value: '3' }]
    await answer(await call('PUT', '/api/Setting', { token, json: { settings, partitionGlobalId: partition } }))
    expect((await errorsOf(await change('Sesame-1', 'Sesame-1'))).map(({ code }) => code)).toEqual([
      'PasswordUsedBefore',
    ])
  })
})

describe('verifyPassword', () => {
  test('tells a right password from a wrong one, and from none', async () => {
    const { hash } = (await row()) ?? { hash: '' }
    expect(await verifyPassword(env, key(), 'Sesame-1', hash)).toEqual({ matches: true })
    expect(await verifyPassword(env, key(), 'sesame-1', hash)).toEqual({ matches: false })
    expect(await verifyPassword(env, key(), 'Sesame-1', null)).toEqual({ matches: false })
    expect(await verifyPassword(env, { partition, user: 'nobody' }, 'Sesame-1', null)).toEqual({ matches: false })
  })

  test('gives the hash to store in place of one of before', async () => {
    const former = await formerHash(key(), 'Sesame-1', 10_000)
    const rebound = await hashPassword(env, id, 'Sesame-1')
    expect(await verifyPassword(env, key(), 'Sesame-1', former)).toEqual({ matches: true, rebound })
    expect(await verifyPassword(env, key(), 'Sesame-2', former)).toEqual({ matches: false })
  })
})

test('the pepper is sealed anew under another key, and passwords hold', async () => {
  const rotated = { ...env, ENCRYPTION_KEYS_OLD: env.ENCRYPTION_KEY ?? '', ENCRYPTION_KEY: COMING }
  const { resealed, unopened } = await reseal(rotated, START)
  expect({ resealed, unopened }).toEqual({ resealed: expect.any(Number), unopened: [] })
  const alone = { ...env, ENCRYPTION_KEY: rotated.ENCRYPTION_KEY }
  resetIsolate()
  expect(await hashPassword(alone, id, 'Sesame-1')).toBe((await row())?.hash)
  resetIsolate()
  await expect(hashPassword(env, id, 'Sesame-1')).rejects.toThrow(NotUnsealed)
  expect(await reseal(env, START)).toMatchObject({ unopened: expect.arrayContaining(['the pepper of passwords']) })
  await reseal({ ...env, ENCRYPTION_KEYS_OLD: alone.ENCRYPTION_KEY }, START)
})
