// Schemas that the sections of a tenant's document share.
import * as z from 'zod/mini'
import { MAX_ENTRIES } from '../http/check-in-pieces.ts'
import { storable } from '../http/text.ts'

/** A text that D1 stores unchanged. @param max in UTF-16 code units */
export const text = (max = 256) => z.string().check(z.maxLength(max), storable)
export const name = text().check(z.minLength(1))
export const optionalText = z.optional(z.nullable(text()))
export const optionalId = z.optional(name)
export const optionalFlag = z.optional(z.boolean())

export const optionalInstant = z.optional(
  z.nullable(text(40).check(z.regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,7})?$/))),
)

/** A text that is JSON. */
export const optionalJson = z.optional(
  z.nullable(text(100_000).check(z.refine(isJson, 'The value is not valid JSON.'))),
)

function isJson(value: string): boolean {
  try {
    JSON.parse(value)
    return true
  } catch {
    return false
  }
}

export const list = <Item extends z.ZodMiniType>(item: Item) =>
  z.optional(z.array(item).check(z.maxLength(MAX_ENTRIES)))
