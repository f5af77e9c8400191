// Handles of codes and tokens: known by their MAC, for one use, under the deployment's keys.
import { base64url } from 'jose'
import { describe, expect, test } from 'vitest'
import { createHandle, readHandle } from '../../src/secrets/handle.ts'

const newKey = () => base64url.encode(crypto.getRandomValues(new Uint8Array(32)))
const env = { ENCRYPTION_KEY: newKey() }

describe('a handle', () => {
  test('is 64 hexadecimal digits in upper case and the version of its form, and never the same twice', async () => {
    const all = await Promise.all(Array.from({ length: 50 }, () => createHandle(env, 'code')))
    for (const { text } of all) expect(text).toMatch(/^[0-9A-F]{64}-1$/)
    expect(new Set(all.map(({ text }) => text)).size).toBe(50)
  })

  test('is known again by its hash, which does not tell the handle', async () => {
    const { text, hash } = await createHandle(env, 'refresh_token')
    expect(await readHandle(env, 'refresh_token', text)).toBe(hash)
    expect(hash).toMatch(/^[\w-]{43}$/)
  })

  test('is for one use alone', async () => {
    const { text } = await createHandle(env, 'code')
    expect(await readHandle(env, 'refresh_token', text)).toBeUndefined()
    expect(await readHandle(env, 'device_code', text)).toBeUndefined()
  })

  test('is forged with any digit changed', async () => {
    const { text } = await createHandle(env, 'code')
    for (let at = 0; at < 64; at++) {
      const digit = text[at] === 'A' ? 'B' : 'A'
      expect(await readHandle(env, 'code', `${text.slice(0, at)}${digit}${text.slice(at + 1)}`)).toBeUndefined()
    }
  })

  test.each([
    ['lower case', (text: string) => text.toLowerCase()],
    ['no version', (text: string) => text.slice(0, -2)],
    ['another version', (text: string) => text.replace('-1', '-2')],
    ['more behind it', (text: string) => `${text}0`],
    ['a line behind it', (text: string) => `${text}\n`],
    ['nothing', () => ''],
  ])('is none with %s', async (_, change) => {
    const { text } = await createHandle(env, 'code')
    expect(await readHandle(env, 'code', change(text))).toBeUndefined()
  })

  test('holds under a former key, and not under a foreign one', async () => {
    const { text, hash } = await createHandle(env, 'code')
    const rotated = { ENCRYPTION_KEY: newKey(), ENCRYPTION_KEYS_OLD: `${newKey()}, ${env.ENCRYPTION_KEY}` }
    expect(await readHandle(rotated, 'code', text)).toBe(hash)
    expect(await readHandle({ ENCRYPTION_KEY: newKey() }, 'code', text)).toBeUndefined()
  })

  test('is made and read by a local run without a key', async () => {
    const { text, hash } = await createHandle({}, 'code')
    expect(await readHandle({}, 'code', text)).toBe(hash)
  })
})
