// The answers to requests that succeeded.
import { MemoryOf } from './isolate-memory.ts'
import { GUARDED, JSON_UTF8 } from './refusal.ts'

export type AnswerHeaders = Record<string, string>

/** Context variables that end up in the answer. */
export interface AnswerVariables {
  /** Headers of the answer, such as D1's bookmark; set when the database has answered. */
  answerHeaders?: AnswerHeaders | undefined
}

interface AnswerContext {
  readonly var: AnswerVariables
}

/** 200 with `body` as JSON. */
export const ok = (c: AnswerContext, body: object): Response => json(c, JSON.stringify(body), 200)

/** 200 with JSON that the database has written already. */
export const okText = (c: AnswerContext, body: string): Response => json(c, body, 200)

/** 201 with `body` as JSON. */
export const created = (c: AnswerContext, body: object): Response => json(c, JSON.stringify(body), 201)

/** 204 */
export function noContent(c: AnswerContext): Response {
  const { answerHeaders } = c.var
  return new Response(null, { status: 204, headers: answerHeaders ? { ...GUARDED, ...answerHeaders } : GUARDED })
}

// Made once: the platform copies a Headers in a third of the time that it takes to read an object.
const JSON_HEADERS = new Headers(JSON_UTF8)

const json = ({ var: { answerHeaders } }: AnswerContext, body: string, status: number): Response =>
  new Response(body, { status, headers: answerHeaders ? withJson(answerHeaders) : JSON_HEADERS })

const merged = new MemoryOf<AnswerHeaders, Headers>('answerHeaders')

const withJson = (headers: AnswerHeaders) => merged.getOrMake(headers, () => new Headers({ ...JSON_UTF8, ...headers }))
