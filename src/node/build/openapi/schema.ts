// JSON Schema as OpenAPI 3.0 has it.

/** A schema of OpenAPI 3.0, as far as it is written here. */
export interface Schema {
  $ref?: string
  type?: string
  format?: string
  description?: string
  example?: unknown
  default?: unknown
  deprecated?: boolean
  nullable?: boolean
  enum?: readonly unknown[]
  minimum?: number
  maximum?: number
  minLength?: number
  maxLength?: number
  minItems?: number
  maxItems?: number
  pattern?: string
  items?: Schema
  properties?: Record<string, Schema>
  required?: string[]
  additionalProperties?: Schema | boolean
  oneOf?: Schema[]
  anyOf?: Schema[]
  allOf?: Schema[]
  discriminator?: { propertyName: string; mapping?: Record<string, string> }
}

export const refTo = (name: string): Schema => ({ $ref: `#/components/schemas/${name}` })

/** The name in a reference to a component. */
export const nameIn = ($ref: string): string => $ref.slice($ref.lastIndexOf('/') + 1)

/** `schema` with each schema in it changed by `change`, the inner ones first. */
export function mapSchema(schema: Schema, change: (schema: Schema) => Schema): Schema {
  const inner = (one: Schema) => mapSchema(one, change)
  const { items, properties, additionalProperties, oneOf, anyOf, allOf } = schema
  return change({
    ...schema,
    ...(items && { items: inner(items) }),
    ...(properties && {
      properties: Object.fromEntries(Object.entries(properties).map(([name, one]) => [name, inner(one)])),
    }),
    ...(typeof additionalProperties === 'object' && { additionalProperties: inner(additionalProperties) }),
    ...(oneOf && { oneOf: oneOf.map(inner) }),
    ...(anyOf && { anyOf: anyOf.map(inner) }),
    ...(allOf && { allOf: allOf.map(inner) }),
  })
}
