// Property and query names arrive in any case; a schema knows how they are spelled.
import type { $ZodType, $ZodTypes } from 'zod/v4/core'

/** Renames what a schema knows to the schema's spelling and drops the rest. Never fails: the schema judges afterwards. */
export type Fold = (value: unknown) => unknown

const keep: Fold = (value) => value

/** Real server: how deeply a document may be nested, in what it does not know as well (the framework's source). */
export const MAX_DEPTH = 32

/** What an object becomes that holds something too deep; no schema takes it. */
const TOO_DEEP = Symbol('too deep')

/**
 * Compiles the renaming a schema asks for. The last of several spellings of one name wins.
 * @param depth how many objects and lists the value is in
 */
export function foldNames(schema: $ZodType, depth = 0): Fold {
  const { def } = (schema as $ZodTypes)._zod
  switch (def.type) {
    case 'object':
      return foldObject(def.shape, depth + 1)
    case 'array': {
      const element = foldNames(def.element, depth + 1)
      return element === keep ? keep : (value) => (Array.isArray(value) ? value.map(element) : value)
    }
    case 'optional':
    case 'nullable':
    case 'default':
      return foldNames(def.innerType, depth)
    case 'pipe':
      return foldNames(def.in, depth)
    default:
      return keep
  }
}

function foldObject(shape: Readonly<Record<string, $ZodType>>, depth: number): Fold {
  const properties = new Map(
    Object.entries(shape).map(([name, schema]) => [name.toLowerCase(), { name, fold: foldNames(schema, depth) }]),
  )
  return (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
    const folded: Record<string, unknown> = {}
    for (const [name, inner] of Object.entries(value)) {
      const property = properties.get(name.toLowerCase())
      if (property) folded[property.name] = property.fold(inner)
      else if (isDeeper(inner, MAX_DEPTH - depth)) return TOO_DEEP
    }
    return folded
  }
}

/** Whether more than `levels` objects and lists are in one another. */
const isDeeper = (value: unknown, levels: number): boolean =>
  typeof value === 'object' &&
  value !== null &&
  (levels === 0 || Object.values(value).some((inner) => isDeeper(inner, levels - 1)))

/** A parameter that is known: its spelling, and whether it takes a list of values. */
interface Parameter {
  readonly name: string
  readonly list: boolean
}

/** As {@link foldNames} for a query string: a list takes every value of its name, anything else the first. */
export function foldQuery(schema: $ZodType): Fold {
  const { def } = (schema as $ZodTypes)._zod
  if (def.type !== 'object') return keep
  const parameters = new Map(
    Object.entries(def.shape).map(([name, inner]): [string, Parameter] => [
      name.toLowerCase(),
      { name, list: isList(inner) },
    ]),
  )
  return (value) => {
    const folded: Record<string, unknown> = {}
    let indexed: Indexed | undefined
    for (const [name, given] of Object.entries(value ?? {})) {
      const known = name.toLowerCase()
      const parameter = parameters.get(known)
      const values: unknown[] = Array.isArray(given) ? given : [given]
      if (!parameter) {
        if (!INDEXED.test(known)) continue
        indexed ??= new Map()
        indexed.set(known, [...(indexed.get(known) ?? []), ...values])
        continue
      }
      const before = folded[parameter.name]
      if (parameter.list) folded[parameter.name] = Array.isArray(before) ? before.concat(values) : values
      else if (before === undefined) folded[parameter.name] = values[0]
    }
    if (indexed) addIndexed(folded, parameters.values(), indexed)
    return folded
  }
}

/** Names with an index, and names of lists of indexes, in lower case. */
type Indexed = Map<string, unknown[]>

const INDEXED = /\]$|\.index$/

function addIndexed(folded: Record<string, unknown>, parameters: Iterable<Parameter>, indexed: Indexed) {
  for (const { name, list } of parameters) {
    const found = list && folded[name] === undefined ? listOf(indexed, name.toLowerCase()) : []
    if (found.length > 0) folded[name] = found
  }
}

// Real server's framework: `key[0]=a&key[1]=b` up to the first index that is left out, `key.index=x&key[x]=a`, and either
// without the name of the list (documentation of model binding).
function listOf(indexed: Indexed, name: string): unknown[] {
  for (const prefix of [name, '']) {
    const named = indexed.get(`${prefix}.index`)?.map((index) => String(index).toLowerCase())
    const found = (named ?? counted(indexed, prefix)).flatMap((index) => indexed.get(`${prefix}[${index}]`)?.[0] ?? [])
    if (found.length > 0) return found
  }
  return []
}

/** The indexes from 0 that are there. */
function counted(indexed: Indexed, prefix: string): string[] {
  const indexes: string[] = []
  while (indexed.has(`${prefix}[${indexes.length}]`)) indexes.push(String(indexes.length))
  return indexes
}

function isList(schema: $ZodType): boolean {
  const { def } = (schema as $ZodTypes)._zod
  if (def.type === 'default' || def.type === 'optional') return isList(def.innerType)
  return def.type === 'array'
}
