// Calls that our OpenAPI document allows, made at random from it and from nothing else.
import fc from 'fast-check'
import external from '../../assets/openapi/external.json'
import type { Schema } from '../../src/node/build/openapi/schema.ts'

interface Parameter {
  name: string
  in: 'path' | 'query'
  required?: boolean
  schema: Schema
}

interface OperationObject {
  operationId: string
  parameters?: Parameter[]
  requestBody?: { content: Record<string, { schema: Schema }> }
}

interface Document {
  paths: Record<string, Record<string, OperationObject> & { servers?: { url: string }[] }>
  components: { schemas: Record<string, Schema> }
}

export interface RandomCall {
  readonly operationId: string
  readonly method: string
  readonly path: string
  readonly body?: string
  readonly type?: string
}

// As JSON: the compiler would make types of tens of thousands of lines.
const { paths, components }: Document = JSON.parse(JSON.stringify(external))

/** Calls of every operation. `known` has values that are worth a try, by the names of parameters and properties. */
export const randomCalls = (known: Readonly<Record<string, unknown>>): fc.Arbitrary<RandomCall> => {
  const values = new Values(known)
  const calls = Object.entries(paths).flatMap(([template, { servers, ...methods }]) =>
    Object.entries(methods).map(([method, operation]) =>
      callOf(method.toUpperCase(), `${servers ? '' : '/identity_'}${template}`, operation, values),
    ),
  )
  return fc.oneof(...calls)
}

function callOf(
  method: string,
  template: string,
  operation: OperationObject,
  values: Values,
): fc.Arbitrary<RandomCall> {
  const { operationId, parameters = [], requestBody } = operation
  const named = (place: string) => parameters.filter((parameter) => parameter.in === place)
  const place = fc.record(Object.fromEntries(named('path').map(({ name, schema }) => [name, values.of(schema, name)])))
  const query = fc.record(
    Object.fromEntries(named('query').map(({ name, schema }) => [name, values.of(schema, name)])),
    { requiredKeys: named('query').flatMap(({ name, required }) => (required ? [name] : [])) },
  )
  const bodies = Object.entries(requestBody?.content ?? {}).map(([type, { schema }]) =>
    values.of(schema).map((value) => ({ type: type.replace('*', 'vnd.test'), body: textOf(type, value) })),
  )
  return fc
    .tuple(place, query, bodies.length > 0 ? fc.oneof(...bodies) : fc.constant({}))
    .map(([ids, asked, body]) => ({
      ...{ operationId, method },
      path: `${template.replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(String(ids[name])))}?${queryOf(asked)}`,
      ...body,
    }))
}

const queryOf = (query: object) =>
  new URLSearchParams(
    Object.entries(query).flatMap(([name, value]) =>
      [value].flat().map((one): [string, string] => [name, String(one)]),
    ),
  )

const textOf = (type: string, value: unknown) =>
  type.endsWith('json') ? JSON.stringify(value) : String(queryOf(Object(value)))

class Values {
  readonly #known: Readonly<Record<string, unknown>>

  constructor(known: Readonly<Record<string, unknown>>) {
    this.#known = known
  }

  /** A value of that schema; often the known one of that name. */
  of(schema: Schema, name = ''): fc.Arbitrary<unknown> {
    const known = this.#known[name]
    const other = this.#any(schema, name)
    const value = known === undefined ? other : fc.oneof({ weight: 3, arbitrary: fc.constant(known) }, other)
    return schema.nullable ? fc.option(value, { freq: 6 }) : value
  }

  #any(schema: Schema, name: string): fc.Arbitrary<unknown> {
    if (schema.$ref) return this.of(components.schemas[schema.$ref.slice('#/components/schemas/'.length)] ?? {}, name)
    if (schema.oneOf) return fc.oneof(...schema.oneOf.map((one) => this.of(one, name)))
    if (schema.enum) return fc.constantFrom(...schema.enum)
    switch (schema.type) {
      case 'integer':
        return fc.integer({ min: schema.minimum ?? 0, max: schema.maximum ?? 2_147_483_647 })
      case 'boolean':
        return fc.boolean()
      case 'array':
        return fc.array(this.of(schema.items ?? {}, name), { maxLength: 3 })
      case 'object':
        return this.#object(schema)
      default:
        return this.#text(schema)
    }
  }

  #object({ properties = {}, required = [], additionalProperties }: Schema): fc.Arbitrary<unknown> {
    if (typeof additionalProperties === 'object') {
      return fc.dictionary(fc.string({ maxLength: 9 }), this.of(additionalProperties), { maxKeys: 3 })
    }
    const entries = Object.entries(properties).map(([name, schema]) => [name, this.of(schema, name)] as const)
    return fc.record(Object.fromEntries(entries), { requiredKeys: required })
  }

  #text({ format, maxLength = 20, minLength = 0 }: Schema): fc.Arbitrary<string> {
    if (format === 'uuid') return fc.uuid()
    if (format === 'email') return fc.emailAddress()
    if (format === 'date-time') return fc.date({ noInvalidDate: true }).map((date) => date.toISOString())
    return fc.string({ minLength, maxLength: Math.min(maxLength, 40), unit: 'grapheme' })
  }
}
