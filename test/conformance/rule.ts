// A rule of the framework behind the real token service, as a row of a table: a request, and what it is answered.
import { exports } from 'cloudflare:workers'
import { expect } from 'vitest'
import { ORIGIN } from '../support/tenant.ts'

export interface Rule {
  rule: string
  /** Behind `/identity_`. Names in braces are replaced, here and in the other texts. */
  endpoint: string
  verb: string
  contentType?: string
  /** The body. */
  form?: string
  /** What HTTP Basic encodes. */
  basic?: string
  authorization?: string
  status: number
  /** The answer's body. */
  body?: object
  /** That the answer has no body. */
  empty?: boolean
  /** The answer's WWW-Authenticate. */
  challenge?: string
  /** The scopes granted. */
  scope?: string
  /** The token that is asked about holds. */
  active?: boolean
}

/** What the names in braces stand for. */
export type Names = ReadonlyMap<string, string>

const filled = (text: string, names: Names) =>
  text.replace(/\{([\w ]+)\}/g, (whole, name: string) => names.get(name) ?? whole)

/** Sends the request of a rule, and checks status, body and challenge. */
export async function obey(rule: Rule, names: Names): Promise<{ response: Response; text: string }> {
  const response = await exports.default.fetch(requestOf(rule, names))
  const text = await response.text()
  const { status, body, empty, challenge = null } = rule
  const expected = body ? filled(JSON.stringify(body), names) : empty ? '' : text
  expect([response.status, text]).toEqual([status, expected])
  expect(response.headers.get('WWW-Authenticate')).toBe(challenge)
  return { response, text }
}

function requestOf({ endpoint, verb, contentType, form, basic, authorization }: Rule, names: Names): Request {
  const credentials = basic === undefined ? authorization : `Basic ${btoa(filled(basic, names))}`
  return new Request(`${ORIGIN}/identity_${filled(endpoint, names)}`, {
    method: verb,
    // As bytes: a string would bring a content type of its own.
    body: form === undefined ? null : new TextEncoder().encode(filled(form, names)),
    headers: {
      ...(contentType && { 'Content-Type': contentType }),
      ...(credentials && { Authorization: filled(credentials, names) }),
    },
  })
}
