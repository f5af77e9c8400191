// What is particular about the document of the control plane.

import type { $ZodType } from 'zod/v4/core'
import { FaultAnswer } from '../../../control/effects/fault.schema.ts'
import { DocumentClient, TenantDocument } from '../../../control/states/document.schema.ts'
import type { Contract, Operation } from '../../../http/contract.ts'
import type { Names, Style } from './components.ts'
import { CONTROL_DESCRIPTIONS, CONTROL_EXAMPLES } from './control-vocabulary.ts'
import type { Description } from './document.ts'
import { CONTROL_COMPONENTS } from './errors.ts'
import { Answers, addOwn, type Refused, sharedAnswers } from './responses.ts'
import type { Schema } from './schema.ts'

const NAMES: Names = [
  [TenantDocument, 'TenantDocument'],
  [FaultAnswer, 'Fault'],
  [DocumentClient, 'NewClient'],
]

/** Names of what operations answer with, and others as well. */
const ANSWERS: Readonly<Record<string, string>> = {
  getTenant: 'Tenant',
  createTenant: 'CreatedTenant',
  takeSnapshot: 'Snapshot',
  readClock: 'Clock',
  changeClient: 'Client',
}

const number = (minimum: number, maximum: number, otherwise: number): Schema => ({
  type: 'integer',
  minimum,
  maximum,
  default: otherwise,
})

const pascal = (operationId: string) => `${operationId.slice(0, 1).toUpperCase()}${operationId.slice(1)}`

/** What has no name of its own is named after the first operation that has it. */
function namesOf(operations: readonly Operation[]): Names {
  const isNamed = (schema: $ZodType) => NAMES.some(([named]) => named === schema)
  const named = operations.flatMap(({ contract: { operationId, answer } }): Names => {
    const name = ANSWERS[operationId]
    return answer && name ? [[answer, name]] : []
  })
  const others = operations.flatMap(
    ({ contract: { operationId, json, answer } }): Names => [
      ...(json && !isNamed(json) ? [[json, `${pascal(operationId)}Request`] as const] : []),
      ...(answer && !isNamed(answer) ? [[answer, `${pascal(operationId)}Answer`] as const] : []),
    ],
  )
  const all = [...NAMES, ...named, ...others]
  return all.filter(([schema], index) => all.findIndex(([other]) => other === schema) === index)
}

const style = (names: Names): Style => ({
  names,
  strict: true,
  refine(schema) {
    if (!schema.properties) return schema
    const properties = Object.entries(schema.properties).map(([name, one]) => [name, property(name, one)])
    return { ...schema, properties: Object.fromEntries(properties) }
  },
})

function property(name: string, schema: Schema): Schema {
  if (schema.$ref) return schema
  const [description, example] = [CONTROL_DESCRIPTIONS[name], CONTROL_EXAMPLES[name]]
  return { ...schema, ...(description && { description }), ...(example !== undefined && { example }) }
}

const problem = (status: number): Refused => ({ status, media: 'application/problem+json', component: 'Problem' })
const serverProblem = (status: number): Refused => ({ ...problem(status), component: 'ProblemDetails' })

/**
 * What any request of it may be refused for: a parameter that is not known, the token, a page of another origin, wrong tokens
 * beyond the limit, a failure, an outage. The edge and the deployment's fitness come before it, and refuse as for the API.
 */
const ANY_REQUEST = [...[400, 401, 403, 429, 500, 503].map(problem), ...[414, 421, 503].map(serverProblem)]

/** What is refused by the token. */
const BEHIND_TOKEN: readonly number[] = [401, 429]

const isPublic = ({ path }: Pick<Operation, 'path'>) => path.endsWith('/seed.schema.json')

/** Which keys may call an operation, by the least of them. */
const NEEDED: Readonly<Record<NonNullable<Contract['key']>, string>> = {
  root: 'With the control token alone.',
  team: 'With the control token, or a team’s key for what is the team’s.',
  tenant: 'With the control token, or a key for what it reaches.',
}

const FROM_BODY = [413, 415].map(serverProblem)

const REFUSALS = sharedAnswers([...ANY_REQUEST, ...FROM_BODY, problem(404)])

const TAGS = {
  tenants: 'Tenants on demand.',
  snapshots: 'States of a tenant, kept and restored.',
  dump: 'The state of a tenant as a document.',
  journal: 'What was asked of a tenant.',
  faults: 'What goes wrong on purpose.',
  prefer: 'Who may ask for faults.',
  tokens: 'Tokens of any kind.',
  'sign-in': 'Who is signed in without a page.',
  'sign-ins': "Users' tokens, as at the end of a sign-in.",
  clients: 'OAuth clients of a tenant.',
  clock: 'The time that a tenant takes it to be.',
  usage: 'What a tenant has used of what it may.',
  keys: 'Keys of teams.',
  audit: 'What was asked of the control plane.',
  documents: 'This document, and the schema of seeds.',
}

export const control = (version: string, operations: readonly Operation[]): Description => ({
  title: 'identity-edge: control',
  version,
  description: 'What tests do with tenants. Nothing is forgiven: what is not known is refused, with the nearest name.',
  server: '/',
  bearer: {
    format: 'control token or key',
    description: 'The deployment’s CONTROL_TOKEN, locally `local-control`; or a team’s or a tenant’s key.',
  },
  style: style(namesOf(operations)),
  components: CONTROL_COMPONENTS,
  otherMedia: [],
  tags: TAGS,
  tagOf: ({ path }) =>
    /^\/_control\/tenants\/:tenant\/([\w-]+)/.exec(path)?.[1]?.replace(/^(?:reset|fork)$/, 'tenants') ??
    /^\/_control\/(tenants|keys|audit)/.exec(path)?.[1] ??
    'documents',
  describe: ({ path, contract: { key = 'root' } }) =>
    [
      path.includes(':tenant')
        ? 'Of the tenant that the path names, by its id or its name.'
        : 'Of the deployment as a whole.',
      ...(isPublic({ path }) ? [] : [NEEDED[key]]),
    ].join(' '),
  extensionsOf: (operation) => (isPublic(operation) ? {} : { 'x-key': operation.contract.key ?? 'root' }),
  isPublic,
  shared: REFUSALS,
  answersOf({ contract, path }, components) {
    const answers = new Answers(REFUSALS)
    addOwn(answers, contract, components)
    const hasToken = !isPublic({ path })
    for (const refused of ANY_REQUEST) if (hasToken || !BEHIND_TOKEN.includes(refused.status)) answers.refuse(refused)
    if (path.includes(':tenant')) answers.refuse(problem(404))
    for (const refused of contract.json ? FROM_BODY : []) answers.refuse(refused)
    for (const status of contract.problems ?? []) answers.refuse(problem(status))
    return answers.all()
  },
  // A URL has only texts, which their schemas read as numbers.
  parameters: {
    since: number(0, 999_999_999, 0),
    skip: number(0, 999_999_999, 0),
    limit: number(1, 1000, 100),
    count: number(1, 1000, 1),
    timeout: number(0, 60, 10),
  },
  descriptions: CONTROL_DESCRIPTIONS,
})
