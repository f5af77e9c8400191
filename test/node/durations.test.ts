// No test asserts how long something took: such a test fails on a slow machine and proves nothing on a fast one. What is meant is
// an order, a count, or a time on a clock that the test moves; figures belong to bench/.
import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { expect, test } from 'vitest'

/** How a duration gets into an assertion. */
const DURATIONS: readonly RegExp[] = [
  // Clocks that are read for nothing else.
  /\bperformance\.now\b|\bhrtime\b|\bperformance\.(?:mark|measure)\b/,
  // A time since, or until.
  /\bDate\.now\(\)(?:\s*\/\s*1000)?\)*\s*-|-\s*\(*Date\.now\(\)/,
  /\b(?:new Date\(\)|\w+)\.getTime\(\)\s*-/,
  // What was measured elsewhere, such as an entry of the journal.
  /expect\([^)]*(?:elapsed|[dD]uration|took|\w(?:Ms|Millis|Milliseconds))\b[^)]*\)\)?\.(?:not\.)?toBe(?:Less|Greater|Close)/,
  // A promise of one in a test's name.
  /\b(?:it|test|describe)\b.*\((['"`]).*\b(?:within|under|less than|faster than) (?:\d+|a|one) ?(?:ms|s|milliseconds?|seconds?)\b/,
]

const lineOf = (text: string) => text.split('\n').filter((line) => DURATIONS.some((duration) => duration.test(line)))

const own = basename(import.meta.filename)
const files = readdirSync('test', { recursive: true, encoding: 'utf8' }).filter(
  (file) => file.endsWith('.ts') && basename(file) !== own,
)

test.each([
  'const began = performance.now()',
  'expect(Number(process.hrtime.bigint() - begin) / 1e6).toBeLessThan(1000)',
  'expect(Date.now() - began).toBeGreaterThanOrEqual(165)',
  'expect(Math.abs(Date.now() / 1000 - iat)).toBeLessThan(60)',
  'expect(Math.abs(Date.parse(time) - Date.now())).toBeLessThan(60_000)',
  'expect(new Date().getTime() - begin).toBeLessThan(5)',
  'expect(elapsed).toBeLessThan(1000)',
  'expect(entry.durationMs).toBeGreaterThan(99)',
  "it('starts in less than a second', async () => {",
  "describe('nothing is left running within 5 s of', () => {",
])('%s is found', (line) => expect(lineOf(line)).toEqual([line]))

test.each([
  'const start = Date.now()',
  'expect(modified).toBeLessThanOrEqual(Date.now())',
  "vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 61_000 })",
  'expect(wait.milliseconds).toBe(60)',
])('%s is none', (line) => expect(lineOf(line)).toEqual([]))

test('no test asserts a duration', () => {
  const found = files.flatMap((file) =>
    lineOf(readFileSync(join('test', file), 'utf8')).map((line) => `${file}: ${line.trim()}`),
  )
  expect(files.length).toBeGreaterThan(100)
  expect(found).toEqual([])
})
