// The Worker's own waits, ended by the test instead of by a clock.
import { onTestFinished, vi } from 'vitest'

export interface Wait {
  /** How long it was to take. */
  readonly milliseconds: number
  end(): void
}

/** From now on until the test is over, every `scheduler.wait` lasts until it is ended. `next` resolves with the next one. */
export function holdWaits(): { next(): Promise<Wait> } {
  const begun: Wait[] = []
  const awaited: ((wait: Wait) => void)[] = []
  const wait = (milliseconds: number) =>
    new Promise<void>((end) => {
      const one = { milliseconds, end }
      const tell = awaited.shift()
      if (tell) tell(one)
      else begun.push(one)
    })
  vi.stubGlobal('scheduler', { wait })
  onTestFinished(() => {
    vi.unstubAllGlobals()
  })
  return {
    async next() {
      return begun.shift() ?? new Promise((resolve) => awaited.push(resolve))
    },
  }
}
