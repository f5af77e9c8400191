// The answers to requests that succeeded.
import { MemoryOfOne } from './isolate-memory.ts'
import { GUARDED, JSON_UTF8 } from './refusal.ts'

/** Header in which D1's bookmark travels to the client and back, by the name that D1's own guide gives it. */
export const BOOKMARK = 'x-d1-bookmark'

/** Context variables that end up in the answer. */
export interface AnswerVariables {
  /** The value of the answer's {@link BOOKMARK}; set when the database has answered. */
  bookmark?: string | undefined
}

interface AnswerContext {
  get(key: 'bookmark'): AnswerVariables['bookmark']
}

/** 200 with `body` as JSON. */
export const ok = (c: AnswerContext, body: object): Response => json(c, JSON.stringify(body), 200)

/** 200 with JSON that the database has written already. */
export const okText = (c: AnswerContext, body: string): Response => json(c, body, 200)

/** 201 with `body` as JSON. */
export const created = (c: AnswerContext, body: object): Response => json(c, JSON.stringify(body), 201)

/** 204 */
export function noContent(c: AnswerContext): Response {
  const bookmark = c.get('bookmark')
  return new Response(null, { status: 204, headers: bookmark ? { ...GUARDED, [BOOKMARK]: bookmark } : GUARDED })
}

// Made once: the platform copies a Headers in a third of the time that it takes to read an object.
const JSON_HEADERS = new Headers(JSON_UTF8)

function json(c: AnswerContext, body: string, status: number): Response {
  const bookmark = c.get('bookmark')
  return new Response(body, { status, headers: bookmark ? jsonHeadersWith(bookmark) : JSON_HEADERS })
}

const lastWithBookmark = new MemoryOfOne<{ bookmark: string; headers: Headers }>('bookmarkHeaders')

/** To be copied at once: the next bookmark is put into the same Headers, as setting one takes less than making another. */
function jsonHeadersWith(bookmark: string): Headers {
  const { value } = lastWithBookmark
  if (value?.bookmark === bookmark) return value.headers
  const headers = value?.headers ?? new Headers(JSON_UTF8)
  headers.set(BOOKMARK, bookmark)
  lastWithBookmark.value = { bookmark, headers }
  return headers
}
