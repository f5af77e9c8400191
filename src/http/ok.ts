// The answers to requests that worked.
import { GUARDED, JSON_UTF8 } from './refusal.ts'

export type AnswerHeaders = Record<string, string>

/** What an answer may carry beside its body. */
export interface AnswerVariables {
  /** Headers that go with the answer. */
  answerHeaders?: AnswerHeaders | undefined
  /** Who wants to know what was answered. */
  grounds?: { answered(text: string, response: Response): void }
}

interface Answered {
  readonly var: AnswerVariables
}

/** 200 with `body` as JSON. */
export const ok = (c: Answered, body: object): Response => json(c, JSON.stringify(body), 200)

/** 200 with JSON that is text already. */
export const okText = (c: Answered, body: string): Response => json(c, body, 200)

/** 201 with `body` as JSON. */
export const created = (c: Answered, body: object): Response => json(c, JSON.stringify(body), 201)

/** 204 */
export function noContent(c: Answered): Response {
  const { answerHeaders } = c.var
  return new Response(null, { status: 204, headers: answerHeaders ? { ...GUARDED, ...answerHeaders } : GUARDED })
}

function json(c: Answered, body: string, status: number): Response {
  const { answerHeaders, grounds } = c.var
  const response = new Response(body, { status, headers: answerHeaders ? mergedWith(answerHeaders) : PLAIN })
  if (status === 200) grounds?.answered(body, response)
  return response
}

// Copying a Headers costs the platform a third of what reading an object does, and what is copied stays as it is.
const PLAIN = new Headers(JSON_UTF8)
const merged = new WeakMap<AnswerHeaders, Headers>()

/** An embedded tenant answers with the same object until something is written. */
function mergedWith(answerHeaders: AnswerHeaders): Headers {
  const known = merged.get(answerHeaders)
  if (known) return known
  const headers = new Headers({ ...JSON_UTF8, ...answerHeaders })
  merged.set(answerHeaders, headers)
  return headers
}
