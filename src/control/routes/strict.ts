// Strictness of the control plane: unknown or repeated query parameters, and bodies of operations that take none, are refused.
// Ignored, a misspelt parameter would let a test pass that checks nothing.
import type { Context, Next } from 'hono'
import type { $ZodType, $ZodTypes } from 'zod/v4/core'
import { limitBody } from '../../http/body-limit.ts'
import { matchedContract } from '../../http/contract.ts'
import { notKnown } from '../../http/nearest.ts'
import { Refusal } from '../../http/refusal.ts'
import type { Errors } from '../../http/unknown-names.ts'

/** Middleware for all operations. The bodies of those that take one are checked by `validateStrictJson`. */
export async function refuseUnknown(c: Context, next: Next) {
  const contract = matchedContract(c)
  if (contract) {
    // Most calls have no query, and looking takes less than parsing the URL.
    if (c.req.url.includes('?'))
      refuseIfAny(unknownParameters(new URL(c.req.url).searchParams, namesOf(contract.query)))
    if (!contract.json) refuseIfAny(errorsOfBody(await bodyOf(c)))
  }
  await next()
}

/** @throws Refusal 400 if there are any errors */
function refuseIfAny(errors: Errors) {
  if (Object.keys(errors).length > 0) throw new Refusal({ is: 'invalid', errors })
}

function namesOf(schema: $ZodType | undefined): string[] {
  if (!schema) return []
  const { def } = (schema as $ZodTypes)._zod
  return def.type === 'object' ? Object.keys(def.shape) : []
}

function unknownParameters(given: URLSearchParams, known: readonly string[]): Errors {
  const objections = [...given.keys()].flatMap((name): [string, string[]][] => {
    if (!known.includes(name)) return [[name, [notKnown('', name, known)]]]
    return given.getAll(name).length > 1 ? [[name, [`${name} is there more than once.`]]] : []
  })
  return Object.fromEntries(objections)
}

async function bodyOf(c: Context): Promise<string> {
  if (c.req.raw.body === null) return ''
  await limitBody(c)
  return (await c.req.text()).trim()
}

/** The errors of a body where none is taken. `{}` is let through, as some HTTP clients always send a body. */
function errorsOfBody(body: string): Errors {
  if (body === '' || body === '{}') return {}
  try {
    const value: unknown = JSON.parse(body)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      return Object.fromEntries(Object.keys(value).map((name) => [name, [notKnown('', name, [])]]))
    }
  } catch {
    // It is no JSON, and refused as a whole below.
  }
  return { '': ['There is nothing to say in a body here.'] }
}
