// Entries of a journal in forms that other tools read: HAR 1.2, curl calls, and a `.http` file. Secrets are not in the journal;
// `$TOKEN` and `$CLIENT_SECRET` stand in their places. Pure, so that the console can use it too.
import type { JournalEntry } from './journal-entry.ts'

/**
 * A form that a journal is exported in: a HAR document for browsers' tools and proxies, curl calls for a shell, or a file for
 * the HTTP clients of editors.
 *
 * @example
 * ```ts
 * const format: JournalFormat = 'har'
 * console.log(await tenant.journal.export(format))
 * ```
 */
export type JournalFormat = 'har' | 'curl' | 'http'

/** The entries as a text in that form. `origin`: of the server, without a slash at the end. */
export const EXPORTS: Readonly<Record<JournalFormat, (entries: readonly JournalEntry[], origin: string) => string>> = {
  har: (entries, origin) => `${JSON.stringify(harOf(entries, origin), undefined, 2)}\n`,
  curl: (entries, origin) => entries.map((entry) => `${commentOf(entry)}\n${curlOf(entry, origin)}\n`).join('\n'),
  http: (entries, origin) =>
    [`@origin = ${origin}\n@token = $TOKEN\n@secret = $CLIENT_SECRET`, ...entries.map(httpOf)]
      .join('\n\n')
      .concat('\n'),
}

interface Body {
  readonly type: string
  readonly text: string
}

/** What stands for the secrets: in a shell variables, in a file of requests its own. */
interface Placeholders {
  readonly token: string
  readonly secret: string
}

const SHELL: Placeholders = { token: '$TOKEN', secret: '$CLIENT_SECRET' }
const FILE: Placeholders = { token: '{{token}}', secret: '{{secret}}' }

const isForm = ({ headers }: JournalEntry) => /x-www-form-urlencoded/i.test(headers['content-type'] ?? '')

/** The body, of which a form lacks its secrets. A placeholder in it is not encoded. */
function bodyOf(entry: JournalEntry, { secret }: Placeholders): Body | undefined {
  const { request, headers } = entry
  if (request === null || request === undefined) return undefined
  const type = headers['content-type'] ?? 'application/json'
  if (!isForm(entry)) return { type, text: typeof request === 'string' ? request : JSON.stringify(request) }
  const form = new URLSearchParams()
  for (const [name, value] of Object.entries(request)) form.append(name, String(value))
  return { type, text: `${form}${form.has('client_id') ? `&client_secret=${secret}` : ''}` }
}

/** The token service takes a client's secret; all else a token. */
const takesToken = ({ path }: JournalEntry) => !/\/connect\/(?!userinfo)/i.test(path)

/** The headers to send, without those that the sender computes. */
function headersOf(entry: JournalEntry, { token }: Placeholders): (readonly [name: string, value: string])[] {
  const kept = Object.entries(entry.headers).filter(([name]) => name !== 'content-length' && name !== 'content-type')
  return [...(takesToken(entry) ? [['authorization', `Bearer ${token}`] as const] : []), ...kept]
}

const commentOf = ({ number, time, status, operation, near }: JournalEntry) =>
  `# ${[number, time, status, operation ?? 'not served', near].filter((part) => part !== null).join(' ')}`

const quote = (text: string) => `'${text.replaceAll("'", "'\\''")}'`

/** A text in which the shell puts in the variables of {@link SHELL}, and nothing else. */
const withVariables = (text: string) =>
  text
    .split(/(\$TOKEN|\$CLIENT_SECRET)/)
    .filter((part) => part !== '')
    .map((part) => (Object.values(SHELL).includes(part) ? `"${part}"` : quote(part)))
    .join('')

/**
 * The request as a shell command.
 *
 * @example
 * curlOf(entry, 'http://127.0.0.1:8787') // curl -X GET 'http://127.0.0.1:8787/…' -H 'authorization: Bearer '"$TOKEN"
 */
export function curlOf(entry: JournalEntry, origin: string): string {
  const body = bodyOf(entry, SHELL)
  const parts = [
    `curl -X ${entry.method} ${quote(`${origin}${entry.path}`)}`,
    ...headersOf(entry, SHELL).map(([name, value]) => `-H ${withVariables(`${name}: ${value}`)}`),
    ...(body ? [`-H ${quote(`content-type: ${body.type}`)}`, `--data-raw ${withVariables(body.text)}`] : []),
  ]
  return parts.join(' \\\n  ')
}

function httpOf(entry: JournalEntry): string {
  const body = bodyOf(entry, FILE)
  const headers = [...headersOf(entry, FILE), ...(body ? [['content-type', body.type] as const] : [])]
  return [
    `##${commentOf(entry)}`,
    `${entry.method} {{origin}}${entry.path}`,
    ...headers.map(([name, value]) => `${name}: ${value}`),
    ...(body ? ['', body.text] : []),
  ].join('\n')
}

const named = (pairs: readonly (readonly [string, string])[]) => pairs.map(([name, value]) => ({ name, value }))

/** What HAR wants of both sides, and the journal does not have. */
const UNKNOWN = { httpVersion: 'HTTP/1.1', cookies: [], headersSize: -1, bodySize: -1 }

const harOf = (entries: readonly JournalEntry[], origin: string) => ({
  log: { version: '1.2', creator: { name: 'identity-edge', version: '1' }, entries: entries.map(entryOf(origin)) },
})

const entryOf = (origin: string) => (entry: JournalEntry) => {
  const body = bodyOf(entry, SHELL)
  const answer = entry.response === null || entry.response === undefined ? undefined : JSON.stringify(entry.response)
  const query = Object.entries(entry.query).flatMap(([name, values]) => values.map((value) => [name, value] as const))
  return {
    startedDateTime: entry.time,
    time: entry.durationMs,
    request: {
      ...UNKNOWN,
      method: entry.method,
      url: `${origin}${entry.path}`,
      headers: named([...headersOf(entry, SHELL), ...(body ? [['content-type', body.type] as const] : [])]),
      queryString: named(query),
      ...(body && { postData: { mimeType: body.type, text: body.text } }),
    },
    response: {
      ...UNKNOWN,
      status: entry.status,
      statusText: '',
      headers: [],
      content:
        answer === undefined
          ? NO_CONTENT
          : { size: new TextEncoder().encode(answer).length, mimeType: 'application/json', text: answer },
      redirectURL: '',
    },
    cache: {},
    timings: { send: 0, wait: entry.durationMs, receive: 0 },
    comment: [entry.operation, entry.near].filter((part) => part !== null).join(': '),
  }
}

const NO_CONTENT = { size: 0, mimeType: '' }
