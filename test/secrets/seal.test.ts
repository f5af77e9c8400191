// Sealing texts and opening them again, by keys and by places.
import { beforeEach, describe, expect, test } from 'vitest'
import { encryptionKeys, isEncryptionKey } from '../../src/secrets/encryption-keys.ts'
import { isCurrent, isSealed, NotUnsealed, seal, unseal } from '../../src/secrets/seal.ts'

const newKey = () =>
  btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(32))))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace('=', '')

let env: { ENCRYPTION_KEY: string }

beforeEach(() => {
  env = { ENCRYPTION_KEY: newKey() }
})

/** The same keys as another isolate has them, which has opened nothing yet. */
const elsewhere = async <Env extends { ENCRYPTION_KEY: string }>(same: Env) => {
  await encryptionKeys({ ENCRYPTION_KEY: newKey() })
  return same
}

const open = async (from: Parameters<typeof unseal>[0], context: string, text: string) => unseal(from, context, text)

test.each(['', 'text', 'ünï\u{1f511}', 'x'.repeat(100_000)])('%.10s comes back', async (text) => {
  const sealed = await seal(env, 'here', text)
  expect(isSealed(sealed)).toBe(true)
  // Four given letters stand in one of a hundred sealed texts of that length by chance.
  if (text !== '') expect(sealed).not.toContain(text)
  expect(await open(await elsewhere(env), 'here', sealed)).toBe(text)
})

test('the same text is sealed differently each time', async () => {
  expect(await seal(env, 'here', 'text')).not.toBe(await seal(env, 'here', 'text'))
})

test('a text opened before comes back at once, for its own context alone', async () => {
  const sealed = await seal(env, 'here', 'text')
  expect(unseal(env, 'here', sealed)).toBe('text')
  await expect(open(env, 'there', sealed)).rejects.toThrow(NotUnsealed)
})

describe('refused, without a word of the text', () => {
  test.each([3, 4])('when part %s was altered', async (part) => {
    const parts = (await seal(env, 'here', 'text')).split(':')
    parts[part] = (parts[part] ?? '').replace(/^./, (first) => (first === 'A' ? 'B' : 'A'))
    await expect(open(env, 'here', parts.join(':'))).rejects.toThrow(NotUnsealed)
  })

  test('under a key that is not there', async () => {
    const sealed = await seal(env, 'here', 'text')
    await expect(open({ ENCRYPTION_KEY: newKey() }, 'here', sealed)).rejects.toThrow(/sealed under the key [\w-]{8}/)
  })

  test.each(['short', `${'A'.repeat(42)}!`, 'A'.repeat(44)])('with the key %s', async (ENCRYPTION_KEY) => {
    expect(isEncryptionKey(ENCRYPTION_KEY)).toBe(false)
    await expect(seal({ ENCRYPTION_KEY }, 'here', 'text')).rejects.toThrow('ENCRYPTION_KEY is not 32 bytes')
  })
})

test('an old key opens, and what it sealed is not current', async () => {
  const sealed = await seal(env, 'here', 'text')
  const rotated = { ENCRYPTION_KEY: newKey(), ENCRYPTION_KEYS_OLD: `${newKey()}, ${env.ENCRYPTION_KEY}` }
  expect(await open(rotated, 'here', sealed)).toBe('text')
  expect(await isCurrent(env, sealed)).toBe(true)
  expect(await isCurrent(rotated, sealed)).toBe(false)
  expect(await isCurrent(rotated, 'plain')).toBe(false)
})

test('keys are imported once', async () => {
  expect(await encryptionKeys(env)).toBe(await encryptionKeys({ ...env }))
})

test('without a key texts stay as they are', async () => {
  expect(await seal({}, 'here', 'text')).toBe('text')
  expect(await open({}, 'here', 'sealed:v1:whatever')).toBe('sealed:v1:whatever')
})
