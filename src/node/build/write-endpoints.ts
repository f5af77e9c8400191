// Part of `npm run generate`: writes docs/endpoints.md from the contracts of the operations.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { app } from '../../app.ts'
import type { Role } from '../../auth/roles.ts'
import { type Operation, operations } from '../../http/contract.ts'
import { BASE_PATH } from '../../http/path.ts'
import { ANY_REQUEST, REFUSED } from './openapi/responses.ts'

const CALLERS: Record<Role, string> = {
  'host administrator': 'a token with `host`. It acts on every partition.',
  'organization administrator':
    "a user in the Administrators group of the token's partition. A user that the\n  directory does not have, or has no more, is none.",
  application: 'a client that acts for itself, on the partition its token was issued for.',
  user: "any user of the token's partition.",
  self: 'a user, on what belongs to it: the property in brackets has its own id.',
}

const PROOFS = { client: 'a client, by its secret', openid: 'a user, by a token with `openid`' } as const

const COLUMNS = ['Operation', 'Method', 'Path', 'Scopes (any one)', 'Who may call', 'Success', 'Refusals', 'Evidence']

/** The statuses of an operation's own refusals, those of any request left out. */
function refusalsOf({ refusals = [], answers = {}, bodiless = [] }: Operation['contract']): string {
  const statuses = [
    ...refusals.map((reason) => REFUSED[reason].status),
    ...Object.keys(answers).map(Number),
    ...bodiless,
  ]
  return [...new Set(statuses)].sort().join(' ') || '–'
}

function row({ method, path, contract }: Operation): string[] {
  const { operationId, scopes, callers, proof, owner, answer, status, evidence } = contract
  return [
    `\`${operationId}\``,
    method,
    `\`${path.replace(BASE_PATH, '').replace(/:(\w+)/g, '{$1}')}\``,
    scopes === undefined ? '–' : scopes.join(', ') || 'any token',
    callers?.map((role) => (role === 'self' ? `self (\`${owner}\`)` : role)).join(', ') ??
      (proof ? PROOFS[proof] : 'everybody, without a token'),
    String(status ?? (answer ? 200 : 204)),
    refusalsOf(contract),
    evidence ?? 'documented',
  ]
}

function table(rows: readonly string[][]): string {
  const widths = COLUMNS.map((_, column) => Math.max(...rows.map((cells) => cells[column]?.length ?? 0)))
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`
  const [head = [], ...others] = rows
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...others.map(line)].join('\n')
}

const all = operations(app)
const roles = Object.entries(CALLERS).filter(([role]) => all.some(({ contract }) => contract.callers?.includes(role)))

export const endpointsText = `<!-- Written by \`npm run generate\` from the contracts of the operations. -->

# Endpoints

Paths are below \`identity_\`, but for \`/health\`, \`/ready\`, \`/portal_\` and \`/organization_\`.

${table([COLUMNS, ...all.map(row)])}

**Who may call**, with one of the scopes; everybody else is refused with 403:

${roles.map(([role, meaning]) => `- _${role}_: ${meaning}`).join('\n')}

**Evidence**: _documented_ in the vendor's guides or OpenAPI document, _observed_ in clients of the real service, _framework
default_: what the framework of the real service does unless told otherwise, _assumed_ where nothing is published, _own_ to
this project.

**Refusals**: 400 for malformed input and for ids that are neither GUIDs nor known, 401 without a valid token, 403
without a scope or for a caller or partition that is not allowed, 404 for unknown GUIDs, 405 with \`Allow\` for other
methods, 409 where a name or id is taken or a built-in group would change, 413 above 1 MiB and 415 for a body that is no
JSON. They are checked in the order 401, 403 for scopes, 415, 413 and 400, the partition, the caller's role, the rest.
Any request may be refused with ${ANY_REQUEST.slice(0, -1).join(', ')} or ${ANY_REQUEST.at(-1)} as well. A run of all tests fails for an answer that is not here,
and for one that no test has seen.

The same as an OpenAPI document, with the bodies: \`GET /swagger/external/swagger.json\`, or \`swagger.yaml\`.
`

export const endpointsPath = join(import.meta.dirname, '../../../docs/endpoints.md')

if (import.meta.main) writeFileSync(endpointsPath, endpointsText)
