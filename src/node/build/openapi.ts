// Writes the OpenAPI document from the contracts of the operations.
import { type $ZodType, type $ZodTypes, type JSONSchema, toJSONSchema } from 'zod/v4/core'
import type { Contract, Operation } from '../../http/contract.ts'

interface Description {
  title: string
  description: string
  /** OpenAPI's `bearerFormat`: a hint of what the bearer token is. */
  bearerFormat: string
  /** Whether bodies with properties that are not named are refused. */
  strict?: boolean
}

export const TENANT: Description = {
  title: 'identity-edge',
  description: 'Platform Management API of an identity test tenant.',
  bearerFormat: 'JWT',
}

export const CONTROL: Description = {
  title: 'identity-edge: control',
  description: 'What tests do with tenants. Every request carries the control token.',
  bearerFormat: 'control token',
  strict: true,
}

/** The document of `operations`, OpenAPI 3.1. Its paths begin at the origin that it was fetched from. */
export function openApi(operations: readonly Operation[], described: Description) {
  const { title, description, bearerFormat, strict = false } = described
  const paths: Record<string, Record<string, unknown>> = {}
  for (const { method, path, contract } of operations) {
    const template = path.replace(/:(\w+)/g, '{$1}')
    paths[template] = { ...paths[template], [method.toLowerCase()]: operationObject(contract, strict) }
  }
  return {
    openapi: '3.1.0',
    info: { title, version: '1', description },
    servers: [{ url: '/' }],
    paths,
    components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat } } },
  }
}

function operationObject(contract: Contract, strict: boolean) {
  const { operationId, summary, scopes, json, form } = contract
  return {
    operationId,
    summary,
    ...(scopes?.length && { description: `Any one of the scopes ${scopes.join(', ')}.` }),
    ...(scopes && { security: [{ bearer: scopes }] }),
    parameters: [...parameters('path', contract.param), ...parameters('query', contract.query)],
    ...(json && { requestBody: body('application/json', json, strict) }),
    ...(form && { requestBody: body('application/x-www-form-urlencoded', form) }),
    responses: responses(contract),
  }
}

function responses({ answer, status, scopes, json, param, query, form }: Contract) {
  const content = answer && { 'application/json': { schema: schemaOf(answer, 'output') } }
  return {
    [status ?? (content ? 200 : 204)]: { description: 'Success', ...(content && { content }) },
    ...((json || param || query || form) && { 400: { description: 'Bad Request' } }),
    ...(scopes && { 401: { description: 'Unauthorized' }, 403: { description: 'Forbidden' } }),
    ...(param && { 404: { description: 'Not Found' } }),
    ...(json && {
      409: { description: 'Conflict' },
      413: { description: 'Payload Too Large' },
      415: { description: 'Unsupported Media Type' },
    }),
  }
}

function parameters(place: 'path' | 'query', schema: $ZodType | undefined) {
  if (!schema) return []
  const { properties = {} } = toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })
  return Object.entries(properties).map(([name, property]) => ({
    name,
    in: place,
    required: place === 'path',
    schema: property,
  }))
}

const body = (type: string, schema: $ZodType, strict = false) => ({
  required: true,
  content: { [type]: { schema: schemaOf(schema, 'input', strict) } },
})

function schemaOf(schema: $ZodType, io: 'input' | 'output', strict = false) {
  const { $schema, ...rest } = toJSONSchema(schema, {
    io,
    unrepresentable: 'any',
    ...(strict && { override: closeObject }),
  })
  return rest
}

/** Marks objects as closed (`additionalProperties: false`), unless their schema is open, as `unknownNames` refuses others. */
export function closeObject({ zodSchema, jsonSchema }: { zodSchema: $ZodTypes; jsonSchema: JSONSchema.BaseSchema }) {
  const { def } = zodSchema._zod
  if (def.type === 'object' && def.catchall === undefined) jsonSchema.additionalProperties = false
}
