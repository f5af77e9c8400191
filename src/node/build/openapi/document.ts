// An OpenAPI document, written from the contracts of the operations.
import type { $ZodType } from 'zod/v4/core'
import type { Operation } from '../../../http/contract.ts'
import { Components, type Style } from './components.ts'
import { type Answer, JSON_TYPE } from './responses.ts'
import type { Schema } from './schema.ts'

/** What the documents of the emulated API and of the control plane differ in. */
export interface Description {
  readonly title: string
  readonly description: string
  readonly version: string
  /** What paths are appended to, relative to the origin that serves the document. */
  readonly server: string
  /** OpenAPI's `bearerFormat`: a hint of what the bearer token is. */
  readonly bearer: { readonly format: string; readonly description: string }
  readonly style: Style
  /** Components that no schema of zod is written for. */
  readonly components: Readonly<Record<string, Schema>>
  /** Media types of request bodies beside application/json. */
  readonly otherMedia: readonly string[]
  readonly tags: Readonly<Record<string, string>>
  tagOf(operation: Operation): string
  /** What is said of an operation beside its summary. */
  describe(operation: Operation): string
  /** Properties of an operation that OpenAPI does not know. */
  extensionsOf?(operation: Operation): Readonly<Record<`x-${string}`, string>>
  isPublic(operation: Operation): boolean
  /** The refusals that have one form in the whole document, by status. */
  readonly shared: Readonly<Record<string, Answer>>
  answersOf(operation: Operation, components: Components): Record<string, Answer | { $ref: string }>
  /** A parameter's schema, in the place of the one that validates it. */
  readonly parameters: Readonly<Record<string, Schema>>
  readonly descriptions: Readonly<Record<string, string>>
}

type PathItem = Record<string, unknown>

/** The document of `operations`, OpenAPI 3.0: the vendor's version, which every generator reads. */
export function openApi(operations: readonly Operation[], described: Description) {
  const components = new Components(described.style, described.components)
  const paths: Record<string, PathItem> = {}
  const used = new Set<string>()
  for (const operation of operations) {
    const { template, servers } = placeOf(operation.path, described.server)
    used.add(described.tagOf(operation))
    const method = operation.method.toLowerCase()
    paths[template] = { ...paths[template], ...servers, [method]: operationObject(operation, described, components) }
  }
  const { title, version, description, server, bearer } = described
  return {
    openapi: '3.0.3',
    info: { title, version, description, contact: { name: 'identity-edge' }, license: MIT },
    servers: [{ url: server }],
    tags: [...used].map((name) => ({ name, ...descriptionIn(described.tags, name) })),
    security: [{ Bearer: [] }],
    paths,
    components: {
      schemas: components.used([paths, described.shared]),
      responses: Object.fromEntries(
        Object.entries(described.shared).map(([status, answer]) => [`Refusal${status}`, answer]),
      ),
      securitySchemes: {
        Bearer: { type: 'http', scheme: 'bearer', bearerFormat: bearer.format, description: bearer.description },
      },
    },
  }
}

const MIT = { name: 'MIT', url: 'https://opensource.org/license/mit' }

function descriptionIn(descriptions: Readonly<Record<string, string>>, name: string) {
  const description = descriptions[name]
  return description === undefined ? {} : { description }
}

/** The path as a template behind the server's; one that stands elsewhere has a server of its own. */
function placeOf(path: string, server: string) {
  const template = path.replace(/:(\w+)/g, '{$1}')
  if (server === '/') return { template, servers: {} }
  if (template.startsWith(`${server}/`)) return { template: template.slice(server.length), servers: {} }
  return { template, servers: { servers: [{ url: '/' }] } }
}

function operationObject(operation: Operation, described: Description, components: Components) {
  const { operationId, summary, json, form, param, query } = operation.contract
  const parameters = [
    ...parametersOf('path', param, described, components),
    ...parametersOf('query', query, described, components),
  ]
  return {
    tags: [described.tagOf(operation)],
    operationId,
    summary,
    description: described.describe(operation),
    ...(described.isPublic(operation) && { security: [] }),
    ...described.extensionsOf?.(operation),
    ...(parameters.length > 0 && { parameters }),
    ...(json && { requestBody: body([JSON_TYPE, ...described.otherMedia], components.of(json, 'input')) }),
    ...(form && { requestBody: body(['application/x-www-form-urlencoded'], components.of(form, 'input')) }),
    responses: described.answersOf(operation, components),
  }
}

const body = (media: readonly string[], schema: Schema) => ({
  required: true,
  content: Object.fromEntries(media.map((type) => [type, { schema }])),
})

function parametersOf(
  place: 'path' | 'query',
  zod: $ZodType | undefined,
  described: Description,
  components: Components,
) {
  if (!zod) return []
  const { properties = {}, required = [] } = components.of(zod, 'input')
  return Object.entries(properties).map(([name, property]) => ({
    name,
    in: place,
    ...descriptionIn(described.descriptions, name),
    ...((place === 'path' || required.includes(name)) && { required: true }),
    schema: described.parameters[name] ?? plain(property),
  }))
}

/** Parameters are left out, and not null. */
const plain = ({ nullable, ...schema }: Schema): Schema => schema
