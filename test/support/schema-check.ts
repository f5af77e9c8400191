// Checks values by the schemas of our OpenAPI documents, and by nothing else: as strict as they can be read, so that a property
// that no schema names is an error.
import type { Schema } from '../../src/node/build/openapi/schema.ts'

export type Schemas = Readonly<Record<string, Schema>>

/** What a value has against its schema; nothing if it conforms. */
export function objectionsTo(value: unknown, schema: Schema, schemas: Schemas, at = '$'): string[] {
  const check = (inner: unknown, one: Schema, place = at) => objectionsTo(inner, one, schemas, place)
  if (schema.$ref) {
    const name = schema.$ref.slice('#/components/schemas/'.length)
    const component = schemas[name]
    return component ? check(value, component) : [`${at}: there is no component ${name}`]
  }
  if (value === null && schema.nullable) return []
  const { oneOf, anyOf, allOf = [] } = schema
  const choices = oneOf ?? anyOf
  if (choices) {
    const found = choices.map((choice) => check(value, choice))
    const matching = found.filter((objections) => objections.length === 0).length
    if (oneOf ? matching !== 1 : matching === 0) {
      return [`${at}: ${matching} of ${choices.length} match: ${found.flat().slice(0, 3).join('; ')}`]
    }
  }
  return [...allOf.flatMap((one) => check(value, one)), ...own(value, schema, at, check)]
}

type Check = (value: unknown, schema: Schema, at?: string) => string[]

function own(value: unknown, schema: Schema, at: string, check: Check): string[] {
  const { type, enum: values, minimum = Number.NEGATIVE_INFINITY, maximum = Number.POSITIVE_INFINITY } = schema
  if (type && !isOf(type, value)) return [`${at}: ${JSON.stringify(value)?.slice(0, 80)} is no ${type}`]
  if (values && !values.includes(value)) return [`${at}: ${JSON.stringify(value)} is none of ${values}`]
  if (typeof value === 'number' && (value < minimum || value > maximum)) return [`${at}: ${value} is out of range`]
  if (typeof value === 'string' && schema.format === 'date-time' && !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/.test(value)) {
    return [`${at}: ${value} is no date-time`]
  }
  const { items, properties, required = [], additionalProperties = properties === undefined } = schema
  if (Array.isArray(value)) return items ? value.flatMap((item, index) => check(item, items, `${at}[${index}]`)) : []
  if (typeof value !== 'object' || value === null) return []
  const missing = required.filter((name) => !Object.hasOwn(value, name)).map((name) => `${at}.${name} is missing`)
  const wrong = Object.entries(value).flatMap(([name, inner]) => {
    const one = properties?.[name] ?? additionalProperties
    if (typeof one === 'boolean') return one ? [] : [`${at}.${name} is not named`]
    return check(inner, one, `${at}.${name}`)
  })
  return [...missing, ...wrong]
}

function isOf(type: string, value: unknown): boolean {
  switch (type) {
    case 'integer':
      return Number.isInteger(value)
    case 'array':
      return Array.isArray(value)
    case 'object':
      return typeof value === 'object' && value !== null && !Array.isArray(value)
    default:
      return typeof value === type
  }
}
