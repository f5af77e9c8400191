// Checks a request's params, query or body against a schema: what passes is typed, what fails is a refusal.
import { zValidator } from '@hono/zod-validator'
import type { Context, Env, MiddlewareHandler } from 'hono'
import { type $ZodObject, type $ZodType, type input, type output, safeParse } from 'zod/v4/core'
import { limitBody, limitTo, MAX_BODY } from './body-limit.ts'
import { requireText } from './body-text.ts'
import { checkInPieces } from './check-in-pieces.ts'
import { attach } from './contract.ts'
import { explain } from './explain.ts'
import { type Fold, foldQuery } from './fold-names.ts'
import { jsonReader } from './json-body.ts'
import { parseInPieces } from './parse-in-pieces.ts'
import { Refusal } from './refusal.ts'

// Real server: the content types its OpenAPI document declares for request bodies.
const JSON_TYPE = /^(?:text\/json|application\/(?:[\w.-]+\+)?json)\s*(?:;|$)/i

/** What a JSON body may be refused for. */
const BODY_REFUSALS = ['invalid', 'tooLarge', 'unsupportedMediaType'] as const

const keep: Fold = (value) => value

/** Params and query names are matched in any case; what the schema does not name is dropped. */
export function validate<Target extends 'param' | 'query', Schema extends $ZodObject>(target: Target, schema: Schema) {
  return attach(
    { [target]: schema, refusals: ['invalid'] },
    check(target, schema, target === 'query' ? foldQuery(schema) : keep),
  )
}

type JsonLink<Schema extends $ZodType> = MiddlewareHandler<
  Env,
  string,
  { in: { json: input<Schema> }; out: { json: output<Schema> } }
>

/**
 * A JSON body, object or list, as lenient as the real server reads it. 413, 415 or 400 for what is none.
 * For the emulated API alone: the control plane has {@link validateStrictJson}.
 */
export function validateJson<Schema extends $ZodType>(schema: Schema): JsonLink<Schema> {
  const read = jsonReader(schema)
  return attach({ json: schema, refusals: BODY_REFUSALS }, async (c, next) => {
    requireJson(c)
    await limitBody(c)
    c.req.addValidatedData('json', Object(await read(c)))
    await next()
  })
}

/**
 * A JSON body where nothing is forgiven: names are exact, and a property that the schema does not name is refused with
 * its path and the nearest name there is.
 * @param maxSize in bytes
 */
export function validateStrictJson<Schema extends $ZodType>(schema: Schema, maxSize = MAX_BODY): JsonLink<Schema> {
  const limit = limitTo(maxSize)
  return attach({ json: schema, refusals: BODY_REFUSALS }, async (c, next) => {
    requireJson(c)
    await limit(c)
    const value = await parsed(await requireText(c))
    c.req.addValidatedData('json', Object(await checkInPieces(schema, value)))
    await next()
  })
}

async function parsed(text: string): Promise<unknown> {
  try {
    return await parseInPieces(text)
  } catch (error) {
    throw error instanceof SyntaxError ? new Refusal({ is: 'malformedJson' }) : error
  }
}

function check<Target extends 'param' | 'query', Schema extends $ZodType>(target: Target, schema: Schema, fold: Fold) {
  return zValidator(target, schema, undefined, {
    validationFunction: (known, value) => {
      const folded = fold(value)
      const result = safeParse(known, folded)
      if (!result.success) throw new Refusal({ is: 'invalid', errors: explain(folded, result.error.issues) })
      return result
    },
  })
}

function requireJson(c: Context) {
  const type = c.req.header('Content-Type') ?? ''
  if (!JSON_TYPE.test(type)) throw new Refusal({ is: 'unsupportedMediaType' })
}
