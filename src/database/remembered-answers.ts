// Gives whole answers again for as long as all that they rest on stands: the rows that were read, the token, and what is
// armed for the tenant. Right only where the cache of rows is: embedded, in the one isolate that writes.
import type { MiddlewareHandler } from 'hono'
import { logsRequests } from '../http/log.ts'
import { type AnswerHeaders, okText } from '../http/ok.ts'
import type { AppEnv } from './session.ts'

/** Whether a thing that was found is still so. */
export type Ground = () => boolean

/** What the answer to one request rests on, gathered while it is answered. */
export class Grounds {
  readonly #grounds: Ground[] = []
  #headers: (() => AnswerHeaders | undefined) | undefined
  #given: { text: string; response: Response } | undefined
  #lasts = true

  /** The answer would be another one if `ground` did not hold. */
  restOn(ground: Ground) {
    this.#grounds.push(ground)
  }

  /** The answer is for this request alone. */
  forOnce() {
    this.#lasts = false
  }

  /** It carries what `headers` are when it is given. */
  carry(headers: () => AnswerHeaders | undefined) {
    this.#headers = headers
  }

  /** The answer was made of `text`. */
  answered(text: string, response: Response) {
    this.#given = { text, response }
  }

  /** What is to be remembered, if `response` is the answer that was made, and one that lasts. */
  settle(response: Response): Remembered | undefined {
    const { text, response: made } = this.#given ?? {}
    // Where no database was opened there is nothing to save.
    if (!this.#lasts || !this.#headers || text === undefined || made !== response) return undefined
    return { text, headers: this.#headers, grounds: this.#grounds }
  }
}

/** An answer that may be given again. */
interface Remembered {
  readonly text: string
  readonly headers: () => AnswerHeaders | undefined
  readonly grounds: readonly Ground[]
}

/** Beyond either bound everything is forgotten. Characters are those of keys and texts. */
const MAX_ANSWERS = 10_000
const MAX_CHARACTERS = 32 * 1024 * 1024

/** What an isolate remembers. */
export class Answers {
  readonly #answers = new Map<string, Remembered>()
  #characters = 0

  /** What was kept under `key`, if all of its grounds hold. */
  find(key: string): Remembered | undefined {
    const found = this.#answers.get(key)
    if (!found) return undefined
    if (found.grounds.every((holds) => holds())) return found
    this.#drop(key, found)
    return undefined
  }

  keep(key: string, remembered: Remembered) {
    const before = this.#answers.get(key)
    if (before) this.#drop(key, before)
    this.#answers.set(key, remembered)
    this.#characters += key.length + remembered.text.length
    if (this.#answers.size > MAX_ANSWERS || this.#characters > MAX_CHARACTERS) this.#forget()
  }

  #drop(key: string, { text }: Remembered) {
    this.#answers.delete(key)
    this.#characters -= key.length + text.length
  }

  #forget() {
    this.#answers.clear()
    this.#characters = 0
  }
}

const isolates = new WeakMap<Cloudflare.Env, Answers>()

function answersOf(env: Cloudflare.Env): Answers {
  const answers = isolates.get(env) ?? new Answers()
  isolates.set(env, answers)
  return answers
}

/** Two requests with the same key get the same answer, unless one of them asks for more. */
const keyOf = (url: string, authorization: string) => `${authorization} ${url}`

/** Headers that ask for more than the answer. */
const MORE = ['Prefer', 'traceparent', 'x-uipath-traceparent-id']

const asksForMore = (headers: Headers) => MORE.some((name) => headers.has(name))

/** The answer to `request`, if it was given before and nothing has changed since. */
export function answerAgain(request: Request, env: Cloudflare.Env): Response | undefined {
  if (!env.EMBEDDED || request.method !== 'GET') return undefined
  const { headers, url } = request
  const authorization = headers.get('Authorization')
  if (authorization === null) return undefined
  const found = answersOf(env).find(keyOf(url, authorization))
  if (!found || asksForMore(headers)) return undefined
  return okText({ var: { answerHeaders: found.headers() } }, found.text)
}

/** Remembers what may be given again. It stands before all links that have a say in the answer. */
export const rememberAnswers: MiddlewareHandler<AppEnv> = (c, next) => {
  const { env, req } = c
  if (!env.EMBEDDED || req.method !== 'GET' || logsRequests(env) || asksForMore(req.raw.headers)) return next()
  const authorization = req.header('Authorization')
  return authorization === undefined ? next() : remembering(c, next, keyOf(req.url, authorization))
}

async function remembering(c: Parameters<typeof rememberAnswers>[0], next: () => Promise<void>, key: string) {
  const grounds = new Grounds()
  c.set('grounds', grounds)
  await next()
  const remembered = grounds.settle(c.res)
  if (remembered) answersOf(c.env).keep(key, remembered)
}
