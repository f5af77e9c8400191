// Prints the ten test files that took longest, so that a file which grows slow is seen before the whole run is.
import type { Reporter, TestModule } from 'vitest/node'

const SHOWN = 10

/** All that a file costs: its runtime and its imports as well as its tests. In milliseconds. */
function costOf(module: TestModule): number {
  const { environmentSetupDuration, prepareDuration, setupDuration, collectDuration, duration } = module.diagnostic()
  return environmentSetupDuration + prepareDuration + setupDuration + collectDuration + duration
}

export default class SlowestFiles implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    if (modules.length <= SHOWN) return
    const slowest = modules.toSorted((a, b) => costOf(b) - costOf(a)).slice(0, SHOWN)
    const lines = slowest.map(
      (module) => `${(costOf(module) / 1000).toFixed(1).padStart(7)} s  ${module.relativeModuleId}`,
    )
    console.log(['', `The ${SHOWN} slowest files`, ...lines, ''].join('\n'))
  }
}
