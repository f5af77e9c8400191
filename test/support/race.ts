// Readers beside a writer, for whatever remembers what was read.
import { expect } from 'vitest'

/**
 * Writes 1, 2, 3 … up to `last`, one after the other, while eight readers read as often as they can: none sees less than
 * what was acknowledged before it began.
 */
export async function raceReaders(
  last: number,
  read: () => Promise<number>,
  write: (value: number) => Promise<unknown>,
): Promise<void> {
  let acknowledged = 0
  let done = false
  const reader = async () => {
    while (!done) {
      const atLeast = acknowledged
      expect(await read()).toBeGreaterThanOrEqual(atLeast)
      // What is remembered takes no turn of the event loop, and the writer needs some.
      await scheduler.wait(0)
    }
  }
  const readers = Array.from({ length: 8 }, reader)
  for (let value = 1; value <= last; value++) {
    await write(value)
    acknowledged = value
  }
  done = true
  await Promise.all(readers)
}
