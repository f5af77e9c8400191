// What no operation of the plane takes is refused: query parameters it does not know, and bodies where it takes none.
import type { Context, Next } from 'hono'
import type { $ZodType, $ZodTypes } from 'zod/v4/core'
import { matchedContract } from '../http/contract.ts'
import { notKnown } from '../http/nearest.ts'
import { Refusal } from '../http/refusal.ts'
import type { Errors } from '../http/unknown-names.ts'
import { limitBody } from '../http/validate.ts'

/** The link before all routes of the plane. Bodies that are taken are looked at by `validateStrictJson`. */
export async function refuseUnknown(c: Context, next: Next) {
  const contract = matchedContract(c)
  if (contract) {
    refuse(unknownParameters(new URL(c.req.url).searchParams, namesOf(contract.query)))
    if (!contract.json) refuse(unwanted(await bodyOf(c)))
  }
  await next()
}

function refuse(errors: Errors) {
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

/** Clients that always send a body send an empty object where there is nothing to say. */
function unwanted(body: string): Errors {
  if (body === '' || body === '{}') return {}
  try {
    const value: unknown = JSON.parse(body)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      return Object.fromEntries(Object.keys(value).map((name) => [name, [notKnown('', name, [])]]))
    }
  } catch {
    // What is no JSON is not wanted either.
  }
  return { '': ['There is nothing to say in a body here.'] }
}
