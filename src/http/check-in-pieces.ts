// Checks a JSON value against a schema, long lists in pieces. Other requests of the isolate are let in between: else they wait until
// all of a large document is checked.
import { type $ZodIssue, type $ZodType, type $ZodTypes, type output, safeParse } from 'zod/v4/core'
import { explain } from './explain.ts'
import { mapInPieces, PIECE } from './let-others-in.ts'
import { Refusal } from './refusal.ts'
import { unknownNames } from './unknown-names.ts'

/** The most entries that a list may have. */
export const MAX_ENTRIES = 200_000

interface LongList {
  readonly holder: Record<string, unknown>
  readonly name: string
  readonly items: readonly unknown[]
  readonly element: $ZodType
  /** Where the holder is. */
  readonly path: readonly string[]
}

/**
 * The value as the schema reads it. A property that the schema does not name is refused, with the nearest name there is.
 * @param value its lists are exchanged while it is checked
 * @throws Refusal 400
 */
export async function checkInPieces<Schema extends $ZodType>(schema: Schema, value: unknown): Promise<output<Schema>> {
  const lists = longListsIn(schema, value, [])
  for (const { holder, name } of lists) holder[name] = []
  const unknown = unknownNames(schema, value)
  const result = safeParse(schema, value)
  const issues: $ZodIssue[] = [...(result.error?.issues ?? [])]
  for (const { holder, name, items, element, path } of lists) {
    const place = [...path, name]
    const check = (item: unknown, index: number) => {
      unknownNames(element, item, `${place.join('.')}[${index}]`, unknown)
      const { data, error } = safeParse(element, item)
      for (const issue of error?.issues ?? []) issues.push({ ...issue, path: [...place, index, ...issue.path] })
      return data
    }
    const read = await mapInPieces(items, check, weightOf)
    holder[name] = items
    if (result.success)
      Object.assign(
        path.reduce<object>((inner, step) => Reflect.get(inner, step), Object(result.data)),
        { [name]: read },
      )
  }
  const errors = { ...unknown, ...explain(value, issues) }
  if (!result.success || Object.keys(errors).length > 0) throw new Refusal({ is: 'invalid', errors })
  return result.data
}

const defOf = (schema: $ZodType): $ZodTypes['_zod']['def'] => {
  const { def } = (schema as $ZodTypes)._zod
  return def.type === 'optional' ? defOf(def.innerType) : def
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The values that are checked in the time that an entry counts for. */
const VALUES = 10

/** For how many entries an item counts: by its values, and those of lists in it. */
function weightOf(item: unknown): number {
  if (!isObject(item)) return 1
  const values = Object.values(item).reduce<number>((sum, value) => sum + (Array.isArray(value) ? value.length : 1), 0)
  return Math.max(1, values / VALUES)
}

/** The lists in an object, and in objects in it, that are too long to be checked in one piece. */
function longListsIn(schema: $ZodType, holder: unknown, path: readonly string[]): LongList[] {
  const def = defOf(schema)
  if (def.type !== 'object' || !isObject(holder)) return []
  return Object.entries(def.shape).flatMap(([name, inner]) => {
    const items = Object.hasOwn(holder, name) ? holder[name] : undefined
    const list = defOf(inner)
    if (list.type !== 'array' || !Array.isArray(items)) return longListsIn(inner, items, [...path, name])
    const isLong = items.length <= MAX_ENTRIES && items.reduce<number>((sum, item) => sum + weightOf(item), 0) > PIECE
    return isLong ? [{ holder, name, items, element: list.element, path }] : []
  })
}
