// Measures taken round by round over all that is compared, so that whatever else the machine does falls on all alike.
import type { LoadTool, Sample } from './load.ts'
import type { Operation } from './operations.ts'
import type { Running } from './processes.ts'

export interface Measure {
  running: Running
  operation: Operation
  connections: number
}

/** Medians over the rounds; `answered` and `failed` are sums. */
export interface Figure extends Sample {
  /** `perSecond` of each round. */
  each: number[]
}

export interface Rounds {
  seconds: number
  rounds: number
}

/** A first round of a second, not counted, lets everybody compile what they run. */
const WARM_UP_SECONDS = 1

/** One figure for each measure, in their order. */
export async function measureInRounds(
  tool: LoadTool,
  measures: readonly Measure[],
  { seconds, rounds }: Rounds,
): Promise<Figure[]> {
  const samples = measures.map((): Sample[] => [])
  for (let round = 0; round <= rounds; round++) {
    console.error(round === 0 ? `warming up: ${measures.length} loads` : `round ${round} of ${rounds}`)
    // There and back: nobody always follows the same one.
    const order = Array.from(measures.entries())
    for (const [index, measure] of round % 2 === 0 ? order.reverse() : order) {
      const sample = await takeOrNothing(tool, measure, round === 0 ? WARM_UP_SECONDS : seconds)
      if (round > 0) {
        samples[index]?.push(sample)
      }
    }
  }
  return samples.map(summarize)
}

async function take(tool: LoadTool, { running, operation, connections }: Measure, seconds: number): Promise<Sample> {
  const call = await running.contender.calls[operation]?.(running.origin)
  if (call === undefined) {
    throw new Error(`${running.contender.name} has no ${operation}`)
  }
  return tool.run({ call, connections, seconds })
}

/** What is taken of a peer that has gone. */
const NOTHING: Sample = { perSecond: 0, p50: 0, p99: 0, answered: 0, failed: 1 }

/** A peer that breaks down does not take the others' figures with it. */
function takeOrNothing(tool: LoadTool, measure: Measure, seconds: number): Promise<Sample> {
  return take(tool, measure, seconds).catch((error) => {
    if (measure.running.contender.kind !== 'peer') {
      throw error
    }
    return NOTHING
  })
}

function summarize(samples: readonly Sample[]): Figure {
  const each = samples.map((sample) => sample.perSecond)
  return {
    perSecond: median(each),
    p50: median(samples.map((sample) => sample.p50)),
    p99: median(samples.map((sample) => sample.p99)),
    answered: sum(samples.map((sample) => sample.answered)),
    failed: sum(samples.map((sample) => sample.failed)),
    each,
  }
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0)

/** NaN for none. */
export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b)
  const lower = sorted[Math.ceil(sorted.length / 2) - 1] ?? Number.NaN
  const upper = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
  return (lower + upper) / 2
}

/** How far the rounds of a figure lie from their middle, as a part of it: the median over `figures`. */
export function unrest(figures: readonly Figure[]): number {
  return median(figures.map(({ each, perSecond }) => (Math.max(...each) - Math.min(...each)) / 2 / perSecond))
}
