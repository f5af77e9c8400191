// JSON bodies of the emulated API. JSON.parse reads them; what it or the schema refuses is read again as leniently as the
// real server reads it, so that leniency costs valid requests nothing.
import type { Context } from 'hono'
import { type $ZodType, type output, safeParse } from 'zod/v4/core'
import { requireText } from './body-text.ts'
import { matchedContract } from './contract.ts'
import { explain } from './explain.ts'
import { foldNames } from './fold-names.ts'
import { canonicalId } from './identifier.ts'
import { ErrorList } from './json-notation.ts'
import { notConvertible, targetOf } from './json-target.ts'
import { readLeniently } from './lenient-json.ts'
import { invalid, type Reason, Refusal } from './refusal.ts'
import type { Errors } from './unknown-names.ts'

/** @returns what reads a request's body for `schema`, with property names in any case; it throws a Refusal 400 or 415 */
export function jsonReader<Schema extends $ZodType>(schema: Schema) {
  const fold = foldNames(schema)
  return async (c: Context): Promise<output<Schema>> => {
    const text = await requireText(c)
    const parsed = parseJson(text)
    const result = parsed && safeParse(schema, fold(parsed.value))
    return result?.success ? result.data : convertBody(schema, text)
  }
}

/** The value of a JSON text; undefined for a text that is not JSON as its standard has it. */
export function parseJson(text: string): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) }
  } catch {
    return undefined
  }
}

function convertBody<Schema extends $ZodType>(schema: Schema, text: string): output<Schema> {
  const { value, errors } = readLeniently(text, targetOf(schema))
  if (Object.keys(errors).length > 0) throw new Refusal({ is: 'invalid', errors })
  // Real server: null is as good as no body.
  if (value === undefined || value === null) throw invalid('', 'A non-empty request body is required.')
  const result = safeParse(schema, value)
  if (result.success) return result.data
  throw new Refusal({ is: 'invalid', errors: explain(value, result.error.issues) })
}

/**
 * The reason as it is told of an id that stood in a body: where it stood, and that it is no GUID. Ids in a path or a query
 * are refused in other words, as is anything else.
 */
export async function inBody(c: Context, reason: Reason): Promise<Reason> {
  if (reason.is !== 'unknownId') return reason
  const { field, ids } = reason
  const { json, param } = matchedContract(c) ?? {}
  if (!json || namesOf(param).includes(field)) return reason
  const errors = placesOf(await requireText(c), field, ids)
  return Object.keys(errors).length > 0 ? { is: 'invalid', errors } : reason
}

const namesOf = (schema: $ZodType | undefined) => {
  const target = schema && targetOf(schema)
  return target?.is === 'object' ? target.names : []
}

// Real server: ids in bodies are converted, with this text. Assumed: the type where the framework may say it is nullable.
function placesOf(text: string, field: string, ids: readonly string[]): Errors {
  const errors = new ErrorList()
  const wanted = new Set(ids)
  // The empty name is that of the body itself, as a list.
  const isField = new RegExp(field === '' ? '^\\[\\d+\\]$' : `(?:^|\\.)${field}(?:\\[\\d+\\])?$`, 'i')
  readLeniently(text, undefined, (scalar, place) => {
    if (!wanted.has(canonicalId(scalar.is === 'string' ? String(scalar.value) : scalar.source))) return
    const { path, where } = place()
    if (isField.test(path)) errors.note(path, `${notConvertible(scalar, 'System.Guid')} ${where}`)
  })
  return errors.all()
}
