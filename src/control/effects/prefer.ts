// Faults that a caller asks for with the request itself, by the header Prefer: `Prefer: code=503`, `Prefer: delay=250` (RFC 7240).
import { Interception } from '../../database/request-effects.ts'
import { MAX_DELAY } from './fault.schema.ts'
import { statusAnswer } from './status-answer.ts'

const PREFERENCE = /(?:^|[,;\s])(code|delay)\s*=\s*"?(\d{1,6})"?(?=$|[,;\s])/gi

/**
 * Waits for the delay and answers with the status that `header` asks for. Values out of range are ignored, as the RFC asks.
 *
 * @param applied the preferences that were followed are added to it
 * @throws Interception with an answer of that status
 * @example
 * await meetPreferences('code=503, delay=250', applied)
 */
export async function meetPreferences(header: string | undefined, applied: string[]) {
  if (header === undefined) return
  const asked = new Map<string, number>()
  for (const [, name = '', value] of header.matchAll(PREFERENCE)) {
    const preference = name.toLowerCase()
    // The first of several counts.
    if (!asked.has(preference)) asked.set(preference, Number(value))
  }
  const delay = asked.get('delay')
  if (delay !== undefined && delay <= MAX_DELAY) {
    applied.push(`delay=${delay}`)
    await scheduler.wait(delay)
  }
  const code = asked.get('code')
  if (code !== undefined && code >= 200 && code <= 599) {
    applied.push(`code=${code}`)
    throw new Interception(statusAnswer(code))
  }
}
