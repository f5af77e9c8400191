// How long a process takes from its start to its first right answer.
import type { Contender } from './contender.ts'
import type { Processes } from './processes.ts'
import type { Speed } from './results.ts'
import { median } from './rounds.ts'

const TIMES = 3

/**
 * Medians of three starts, one process at a time, taken in turns. The tenant is measured twice: with nothing, when it
 * makes and seeds its database, and with the data of a start before. For it the first answer needs a token first.
 */
export async function measureStarts(
  processes: Processes,
  contenders: readonly Contender[],
  leftOut: string[],
): Promise<Speed['starts']> {
  const kept = await processes.newDirectory()
  const starts = contenders.flatMap(({ name, kind, ...rest }) => {
    const contender = { name, kind, ...rest }
    const first = { name: kind === 'tenant' ? `${name}, first start` : name, contender, directory: undefined }
    return kind === 'tenant' ? [first, { name: `${name}, with its data`, contender, directory: kept }] : [first]
  })
  const taken = starts.map((): number[] => [])
  // The first time fills what the system and the tools keep on disk for the next ones, and is not counted.
  for (let time = 0; time <= TIMES; time++) {
    console.error(time === 0 ? `starting each of ${starts.length} once` : `start ${time} of ${TIMES}`)
    for (const [index, { contender, directory }] of starts.entries()) {
      const milliseconds = await timeStart(processes, contender, directory, leftOut)
      if (time > 0 && milliseconds !== undefined) {
        taken[index]?.push(milliseconds)
      }
    }
  }
  return starts.flatMap(({ name }, index) => {
    const milliseconds = median(taken[index] ?? [])
    return Number.isNaN(milliseconds) ? [] : [{ name, milliseconds }]
  })
}

async function timeStart(
  processes: Processes,
  contender: Contender,
  directory: string | undefined,
  leftOut: string[],
): Promise<number | undefined> {
  try {
    const running = await processes.start(contender, directory === undefined ? {} : { directory })
    await running.stop()
    return running.startedInMs
  } catch (error) {
    if (contender.kind !== 'peer') {
      throw error
    }
    leftOut.push(`${contender.name}: it did not start.`)
    return undefined
  }
}
