// Long work goes on in pieces, and several that are long take turns, so that others are answered between any two pieces.
import fc from 'fast-check'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { resetIsolate } from '../../src/http/isolate-memory.ts'
import { letOthersIn } from '../../src/http/let-others-in.ts'

afterEach(() => {
  vi.restoreAllMocks()
  resetIsolate()
})

const timer = () => new Promise<void>((resolve) => setTimeout(resolve, 0))

/** What happens while works have so many pieces each: a work's letter for a piece, `.` for a timer of somebody else. */
async function orderOf(pieces: readonly number[], look?: () => boolean): Promise<string> {
  const order: string[] = []
  let isOver = false
  const somebodyElse = async () => {
    for (; !isOver; order.push('.')) await timer()
  }
  const work = async (letter: string, count: number) => {
    for (let piece = 0; piece < count; piece++) {
      await letOthersIn(look)
      order.push(letter)
    }
  }
  const works = Promise.all(pieces.map((count, index) => work(String.fromCharCode(97 + index), count)))
  await Promise.all([somebodyElse(), works.finally(() => (isOver = true))])
  return order.join('')
}

const withoutTimers = (order: string) => order.replaceAll('.', '')

test('one alone waits for two timers before each piece, and for one where nobody calls', async () => {
  expect(await orderOf([3])).toMatch(/^(?:\.{1,2}a){3}\.$/)
  expect(await orderOf([3], () => true)).toMatch(/^(?:\.?a){3}\.$/)
})

describe('of several', () => {
  test('no two pieces follow one another without a pause', async () => {
    const works = fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 2, maxLength: 6 })
    const property = fc.asyncProperty(works, fc.boolean(), async (pieces, isQuiet) => {
      expect(await orderOf(pieces, () => isQuiet)).not.toMatch(/[a-z][a-z]/)
    })
    await fc.assert(property, { numRuns: 10 })
  })

  test('each has a piece before any has its next', async () => {
    const order = withoutTimers(await orderOf([5, 5, 5, 5]))
    expect(order.match(/.{4}/g)?.map((round) => [...round].toSorted().join(''))).toEqual(Array(5).fill('abcd'))
  })

  test('one whose request was cancelled holds up the others for a second at most', async () => {
    let now = 0
    vi.spyOn(Date, 'now').mockImplementation(() => (now += 50))
    let looks = 0
    const cancelled = letOthersIn(() => {
      if (++looks === 2) throw new Error('cancelled')
      return false
    })
    await expect(cancelled).rejects.toThrow('cancelled')
    expect(withoutTimers(await orderOf([2, 2]))).toHaveLength(4)
  })
})
