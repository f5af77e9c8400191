// Property and query names arrive in any case; a schema knows how they are spelled.
import type { $ZodType, $ZodTypes } from 'zod/v4/core'

/** Renames what a schema knows to the schema's spelling and drops the rest. Never fails: the schema judges afterwards. */
export type Fold = (value: unknown) => unknown

const keep: Fold = (value) => value

/** Compiles the renaming a schema asks for. The last of several spellings of one name wins. */
export function foldNames(schema: $ZodType): Fold {
  const { def } = (schema as $ZodTypes)._zod
  switch (def.type) {
    case 'object':
      return foldObject(def.shape)
    case 'array': {
      const element = foldNames(def.element)
      return element === keep ? keep : (value) => (Array.isArray(value) ? value.map(element) : value)
    }
    case 'optional':
    case 'nullable':
    case 'default':
      return foldNames(def.innerType)
    case 'pipe':
      return foldNames(def.in)
    default:
      return keep
  }
}

function foldObject(shape: Readonly<Record<string, $ZodType>>): Fold {
  const properties = new Map(
    Object.entries(shape).map(([name, schema]) => [name.toLowerCase(), { name, fold: foldNames(schema) }]),
  )
  return (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
    const folded: Record<string, unknown> = {}
    for (const [name, inner] of Object.entries(value)) {
      const property = properties.get(name.toLowerCase())
      if (property) folded[property.name] = property.fold(inner)
    }
    return folded
  }
}

/** As {@link foldNames} for a query string: a list takes every value of its name, anything else the first. */
export function foldQuery(schema: $ZodType): Fold {
  const { def } = (schema as $ZodTypes)._zod
  if (def.type !== 'object') return keep
  const parameters = new Map(
    Object.entries(def.shape).map(([name, inner]) => [name.toLowerCase(), { name, list: isList(inner) }]),
  )
  return (value) => {
    const folded: Record<string, unknown> = {}
    for (const [name, given] of Object.entries(value ?? {})) {
      const parameter = parameters.get(name.toLowerCase())
      if (!parameter) continue
      const values: unknown[] = Array.isArray(given) ? given : [given]
      const before = folded[parameter.name]
      if (parameter.list) folded[parameter.name] = Array.isArray(before) ? before.concat(values) : values
      else if (before === undefined) folded[parameter.name] = values[0]
    }
    return folded
  }
}

function isList(schema: $ZodType): boolean {
  const { def } = (schema as $ZodTypes)._zod
  if (def.type === 'default' || def.type === 'optional') return isList(def.innerType)
  return def.type === 'array'
}
