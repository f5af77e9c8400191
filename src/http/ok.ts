// The answers to requests that worked.
import { GUARDED, JSON_UTF8 } from './refusal.ts'

/** What an answer may carry beside its body. */
export interface AnswerVariables {
  /** Headers that go with the answer. */
  answerHeaders?: Record<string, string> | undefined
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

// Copying a Headers costs the platform a third of what reading an object does.
const PLAIN = new Headers(JSON_UTF8)

const json = ({ var: { answerHeaders } }: Answered, body: string, status: number): Response =>
  new Response(body, { status, headers: answerHeaders ? { ...JSON_UTF8, ...answerHeaders } : PLAIN })
