// What a schema means each place of a document to be, and what Newtonsoft's serializer makes of the values it finds there.

import type { $ZodType, $ZodTypes } from 'zod/v4/core'
import { MemoryOf } from './isolate-memory.ts'

/** What a place is read as. `any` is read as JSON.parse reads it. */
export type Target =
  | { readonly is: 'any' | 'text' | 'flag' | 'integer' }
  | { readonly is: 'enumeration'; readonly type: string; readonly accepts: (value: string) => boolean }
  | { readonly is: 'list' | 'map'; readonly of: Target }
  | {
      readonly is: 'object'
      readonly names: readonly string[]
      /** In any case. */
      readonly property: (name: string) => { name: string; target: Target } | undefined
    }

export interface Scalar {
  readonly is: 'string' | 'number' | 'boolean' | 'null'
  readonly value: string | number | boolean | null
  /** As it was written; of a string, nothing. */
  readonly source: string
}

const enumerations = new WeakMap<$ZodType, Target>()

const targets = new MemoryOf<$ZodType, Target>('jsonTargets')

/** Notes on a schema that it is an enumeration, of that .NET type; `accepts` knows its names and numbers. */
export function enumeration<Schema extends $ZodType>(
  schema: Schema,
  { type, accepts }: { type: string; accepts: (value: string) => boolean },
): Schema {
  enumerations.set(schema, { is: 'enumeration', type, accepts })
  return schema
}

/** Compiled once for each schema, for the first document that needs it. */
export const targetOf = (schema: $ZodType): Target =>
  targets.getOrMake(schema, () => enumerations.get(schema) ?? compile(schema))

function compile(schema: $ZodType): Target {
  const { def } = (schema as $ZodTypes)._zod
  switch (def.type) {
    case 'string':
      return { is: 'text' }
    case 'boolean':
      return { is: 'flag' }
    case 'number':
      return { is: 'integer' }
    case 'array':
      return { is: 'list', of: targetOf(def.element) }
    case 'record':
      return { is: 'map', of: targetOf(def.valueType) }
    case 'object':
      return objectTarget(def.shape)
    case 'optional':
    case 'nullable':
    case 'default':
      return targetOf(def.innerType)
    case 'pipe':
      return targetOf(def.in)
    default:
      return { is: 'any' }
  }
}

function objectTarget(shape: Readonly<Record<string, $ZodType>>): Target {
  const properties = new Map(
    Object.entries(shape).map(([name, schema]) => [name.toLowerCase(), { name, target: targetOf(schema) }]),
  )
  return { is: 'object', names: Object.keys(shape), property: (name) => properties.get(name.toLowerCase()) }
}

/** What became of a scalar, or what is wrong with it. */
interface Converted {
  readonly value?: Scalar['value']
  readonly wrong?: string
}

// Real server: numbers and booleans are texts as they were written, quoted ones are what they say, a number is true if it
// is not 0, and the empty string is null (documentation and source of Newtonsoft.Json).
export function convert(scalar: Scalar, target: Target): Converted {
  const { is, value, source } = scalar
  if (is === 'null') return { value: null }
  switch (target.is) {
    case 'text':
      return { value: is === 'string' ? value : source }
    case 'flag':
      return typeof value === 'string' ? flagOf(value) : { value: Boolean(value) }
    case 'integer':
      return typeof value === 'string' ? integerOf(value) : { value }
    case 'enumeration':
      if (is === 'number' || (typeof value === 'string' && target.accepts(value))) return { value }
      return { wrong: notConvertible(scalar, target.type) }
    default:
      return { value }
  }
}

function flagOf(text: string): Converted {
  if (text === '') return { value: null }
  const [, said] = /^[\s\0]*(true|false)[\s\0]*$/i.exec(text) ?? []
  return said ? { value: said.toLowerCase() === 'true' } : { wrong: `Could not convert string to boolean: ${text}.` }
}

function integerOf(text: string): Converted {
  if (text === '') return { value: null }
  if (/^\s*[+-]?\d+\s*$/.test(text)) return { value: Number(text) }
  return { wrong: `Could not convert string to integer: ${text}.` }
}

/** Real server: a string in quotes but not escaped, True and False with a capital (captured error bodies; source). */
export function notConvertible({ is, value, source }: Scalar, type: string): string {
  const shown = is === 'string' ? `"${value}"` : is === 'boolean' ? (value ? 'True' : 'False') : source
  return `Error converting value ${shown} to type '${type}'.`
}
