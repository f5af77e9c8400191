// The answer to a request that worked.
import { JSON_UTF8 } from './refusal.ts'

/** What an answer may carry beside its body. */
export interface AnswerVariables {
  /** Headers that go with the answer. */
  answerHeaders?: Record<string, string>
}

/** 200 with `body` as JSON. */
export function ok(c: { readonly var: AnswerVariables }, body: object): Response {
  const { answerHeaders } = c.var
  return new Response(JSON.stringify(body), { headers: answerHeaders ? { ...JSON_UTF8, ...answerHeaders } : JSON_UTF8 })
}
