// At the end of a whole run: what our OpenAPI documents declare and no test has seen fails the run. It is either never
// answered, and then must not be declared, or not tested.
import { readFileSync } from 'node:fs'
import type { Reporter, TestModule, Vitest } from 'vitest/node'

interface Document {
  paths: Record<string, Record<string, { operationId?: string; responses?: object }>>
}

/** What a document declares, as `Group_Delete 409`. */
function declaredIn(file: string): string[] {
  const { paths }: Document = JSON.parse(readFileSync(file, 'utf8'))
  return Object.values(paths)
    .flatMap(Object.values)
    .flatMap(({ operationId, responses = {} }) => Object.keys(responses).map((status) => `${operationId} ${status}`))
    .filter((answer) => !answer.startsWith('undefined'))
}

export default class NeverSeen implements Reporter {
  #vitest: Vitest | undefined

  onInit(vitest: Vitest): void {
    this.#vitest = vitest
  }

  async onTestRunEnd(modules: readonly TestModule[]): Promise<void> {
    const worker = modules.filter(({ project }) => project.name === 'worker')
    if (!(await this.#isWhole(worker))) return
    const seen = new Set(worker.flatMap((module) => module.meta().seen ?? []))
    const never = ['external', 'control'].flatMap((name) => declaredIn(`assets/openapi/${name}.json`))
    const missing = never.filter((answer) => !seen.has(answer))
    if (missing.length === 0) return
    console.error(`\nDeclared in an OpenAPI document, and seen in no test:\n${missing.join('\n')}\n`)
    process.exitCode = 1
  }

  /** Whether all tests that run in workerd were run: of some of them nothing is to be said. */
  async #isWhole(modules: readonly TestModule[]): Promise<boolean> {
    const vitest = this.#vitest
    if (vitest === undefined || modules.length === 0 || vitest.config.testNamePattern) return false
    const worker = vitest.projects.find(({ name }) => name === 'worker')
    const { testFiles = [] } = (await worker?.globTestFiles()) ?? {}
    const ran = new Set(modules.map(({ moduleId }) => moduleId))
    return testFiles.every((file) => ran.has(file))
  }
}
