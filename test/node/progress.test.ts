// Signs of life of a command that takes long.
import { PassThrough } from 'node:stream'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { withProgress } from '../../src/node/cli/progress.ts'

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

/** What is written about work that takes so many milliseconds, and fails or not. */
async function told(milliseconds: number, place: { isTerminal?: boolean; isCi?: boolean }, fails = false) {
  const out = new PassThrough({ encoding: 'utf8' })
  const work = new Promise<string>((resolve, reject) => {
    setTimeout(() => (fails ? reject(new Error('refused')) : resolve('done')), milliseconds)
  })
  const result = withProgress('tenant load', work, { out, isTerminal: false, isCi: false, ...place }).catch(String)
  await vi.advanceTimersByTimeAsync(milliseconds)
  expect(await result).toBe(fails ? 'Error: refused' : 'done')
  await vi.advanceTimersByTimeAsync(60_000)
  return out.read() ?? ''
}

test('at a terminal one line is rewritten, and gone in the end', async () => {
  const line = (seconds: number) => `\r\u001b[Ktenant load: ${seconds} s so far`

  expect(await told(2500, { isTerminal: true })).toBe(`${line(1)}${line(2)}\r\u001b[K`)
  expect(await told(1500, { isTerminal: true, isCi: true }, true)).toBe(`${line(1)}\r\u001b[K`)
})

test('in CI there is a line every ten seconds', async () => {
  expect(await told(25_000, { isCi: true })).toBe('tenant load: 10 s so far\ntenant load: 20 s so far\n')
})

test('nothing is said of what is quick, nor where neither a person nor a log reads it', async () => {
  expect(await told(900, { isTerminal: true })).toBe('')
  expect(await told(9000, { isCi: true })).toBe('')
  expect(await told(25_000, {})).toBe('')
})
