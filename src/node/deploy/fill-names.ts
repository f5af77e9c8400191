// Has a deployment give names keys that were written before there were keys, and says which of them clash.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Step } from '../../control/states/name-fill.ts'
import { StartFailure } from '../start-failure.ts'
import { ASK_FOR_UNKEYED, describeClash } from '../state/name-fill.ts'
import type { Query } from './account.ts'
import type { Web } from './check.ts'

/** How often a step is asked for before it counts as failed: the version before may answer for a while after a deployment. */
const TRIES = 5

/**
 * Asks the databases whether a name lacks its key, and if one does, the deployment to fill them. Returns the lines to print.
 * @param token the control token; without it nothing is filled, and a line says so
 * @throws StartFailure with the answer, when a step is refused
 */
export async function fillNames(
  query: Query,
  bindings: readonly string[],
  { origin, token }: { origin: string; token: string | undefined },
  web: Web,
): Promise<string[]> {
  if (!(await isAnyUnkeyed(query, bindings))) return []
  if (!token) return ['names: some have no key yet, or clash; CONTROL_TOKEN=… npm run deploy fills and lists them']
  const lines: string[] = []
  let filled = 0
  let step: Step | undefined
  do {
    step = await askForStep(`${origin}/_control/names/fill`, token, step?.next, web)
    filled += step.filled
    lines.push(...step.clashing.map((clash) => `  ${describeClash(clash)}`))
  } while (step.next)
  return [`names: ${filled} keys filled, clashing: ${lines.length}`, ...lines]
}

async function isAnyUnkeyed(query: Query, bindings: readonly string[]): Promise<boolean> {
  for (const binding of bindings) if ((await query(binding, ASK_FOR_UNKEYED)).length > 0) return true
  return false
}

async function askForStep(url: string, token: string, from: Step['next'], { fetch, pauseMs }: Web): Promise<Step> {
  for (let tried = 1; ; tried++) {
    const response = await fetch(url, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(from ? { from } : {}),
    })
    const text = await response.text()
    if (response.ok) return JSON.parse(text)
    if (tried === TRIES || ![401, 404].includes(response.status)) {
      throw new StartFailure(`the Worker is deployed, but ${url} answers ${response.status}: ${text.slice(0, 300)}`)
    }
    await sleep(pauseMs)
  }
}
