// The tenant beside its floor and other mock servers, as docs/speed.md shows it.
import { TITLES } from './operations.ts'
import { exact, machine, method, ratio, rough, table } from './prose.ts'
import type { Row, Speed } from './results.ts'
import { constant, signer } from './tenants.ts'

const CONSTANT =
  '“A constant answer” is a Worker on the local tenant’s runtime that does nothing else. Its slowest answers are the runtime’s own: ' +
  'workerd collects what all requests have left at once, and with it destroys their API objects.'

const SIGNATURE_ALONE = '“Signature alone” is a Worker on the local tenant’s runtime that signs with RS256 and answers.'

export function reportSpeed(speed: Speed): string[] {
  const crowd = speed.rows.filter(({ connections }) => connections > 1)
  const others = crowd.filter(({ operation }) => !operation.endsWith('Setting'))
  return [
    `What \`npm run bench\` finds. ${machine(speed)} ${method(speed)} Compare ratios; the figures are this machine's.`,
    'The tenant verifies a token and its scopes and validates every request. “Cache off” is the same tenant reading its ' +
      'database each time. The floor is Hono with one statement to D1, without token or validation, on workerd and D1 as ' +
      'Miniflare and `wrangler dev` set them up; “as deployed” is the same Worker there, as Cloudflare runs it, without ' +
      'what makes local runs faster. It asks D1 in sessions, for the bookmarks that its answers carry, which Miniflare takes longer for; ' +
      'so does the second floor. The other mock servers answer the same rows without a token, from memory; of what is written, ' +
      'json-server keeps it there and the others keep nothing. The tenant and the floor answer when it is on the disk. The ' +
      'others run as quietly as they can; Mockoon also as it comes, with templates in its fixed answers and a log.',
    ...(['GET Setting', 'PUT Setting'] as const).flatMap((operation) => {
      const rows = crowd.filter((row) => row.operation === operation)
      return rows.length === 0 ? [] : [compare(`${TITLES[operation]}, ${rows[0]?.connections} connections`, rows)]
    }),
    ...(crowd.some(({ name }) => name === constant.name) ? [CONSTANT] : []),
    ...(others.length === 0 ? [] : [list('Other operations, 32 connections', others)]),
    ...(others.some(({ name }) => name === signer.name) ? [SIGNATURE_ALONE] : []),
    ...reportSingle(speed.rows.filter(({ connections }) => connections === 1)),
    ...reportStarts(speed),
    ...speed.leftOut.map((line) => `Left out: ${line}`),
  ]
}

/** What the README has of it, in a sentence or two. */
export function headline({ rows, starts, date, cores }: Speed): string {
  const row = rows.find(
    ({ kind, operation, connections }) => kind === 'tenant' && operation === 'GET Setting' && connections > 1,
  )
  const start = starts.find(({ name }) => name === 'tenant, first start')
  const asked =
    row && `answers ${rough(row.perSecond)} GET Setting a second on ${cores} cores, with ${row.connections} connections`
  const started = start && `has its first answer ${rough(start.milliseconds)} ms after its process began`
  const found = [asked, started].filter(Boolean).join(', and ')
  return `Measured ${date}, a local tenant ${found}: see [docs/speed.md](docs/speed.md).`
}

function compare(title: string, rows: readonly Row[]): string {
  const floor = rows.find(({ kind }) => kind === 'floor')?.perSecond
  // To fail is fast.
  const peers = rows.filter(({ kind, failed }) => kind === 'peer' && failed === 0).map(({ perSecond }) => perSecond)
  const fastest = peers.length === 0 ? undefined : Math.max(...peers)
  return table(
    [title, 'requests/s', 'p50 ms', 'p99 ms', 'of the floor', 'of the fastest other'],
    rows.map((row) => [...cells(row), ratio(row.perSecond, floor), ratio(row.perSecond, fastest)]),
  )
}

function list(title: string, rows: readonly Row[]): string {
  const named = rows.map((row) => ({ ...row, name: `${TITLES[row.operation]}: ${row.name}` }))
  return table([title, 'requests/s', 'p50 ms', 'p99 ms'], named.map(cells))
}

function cells({ name, perSecond, p50, p99, failed, answered }: Row): string[] {
  const failures = failed > 0 ? ` (${exact(failed)} of ${exact(answered)} failed)` : ''
  return [name + failures, rough(perSecond), rough(p50), rough(p99)]
}

function reportSingle(rows: readonly Row[]): string[] {
  const latencies = rows.map(({ name, p50 }) => `${name} ${rough(p50)} ms`).join('; ')
  return rows.length === 0 ? [] : [`One connection, GET Setting, p50: ${latencies}.`]
}

function reportStarts({ starts, bundle }: Speed): string[] {
  const rows = starts.map(({ name, milliseconds }) => [name, rough(milliseconds)])
  return [
    ...(rows.length === 0 ? [] : [table(['From the start of the process to the first settings answered', 'ms'], rows)]),
    ...(bundle
      ? [
          `With its names kept, the Worker is ${rough(bundle.gzipped / 1000)} kB gzipped (${rough(bundle.bytes / 1000)} kB).`,
        ]
      : []),
  ]
}
