// Finds the properties of a JSON value that its schema does not name, at any depth.
import type { $ZodType, $ZodTypes } from 'zod/v4/core'
import { notKnown } from './nearest.ts'

/** Messages by the path of the property they are about, as in a problem's `errors`. */
export type Errors = Record<string, string[]>

/** The most properties that are reported of one request. */
const MAX_REPORTED = 100

/**
 * Every property of `value` that `schema` does not name, each with what it may have been meant to be. Names are exact, case
 * included. Objects that take any property (`z.looseObject`, `z.record`) are not looked into.
 * @param path where the value stands, as errors name it
 * @param errors those of the values before, which these are added to
 */
export function unknownNames(schema: $ZodType, value: unknown, path = '', errors = noErrors()): Errors {
  look(schema, value, path, errors)
  return errors
}

/** An object without a prototype, so that `__proto__` as the name of a property is an entry like any other. */
const noErrors = (): Errors => Object.create(null)

function look(schema: $ZodType, value: unknown, path: string, errors: Errors) {
  if (typeof value !== 'object' || value === null) return
  const { def } = (schema as $ZodTypes)._zod
  switch (def.type) {
    case 'object':
      if (!Array.isArray(value)) lookIntoObject(def.shape, def.catchall !== undefined, value, path, errors)
      break
    case 'array':
      if (Array.isArray(value))
        for (const [index, inner] of value.entries()) look(def.element, inner, `${path}[${index}]`, errors)
      break
    case 'optional':
    case 'nullable':
    case 'default':
      look(def.innerType, value, path, errors)
      break
    case 'pipe':
      look(def.in, value, path, errors)
      break
    case 'union':
      Object.assign(errors, errorsOfClosest(def.options, value, path))
      break
  }
}

function lookIntoObject(
  shape: Readonly<Record<string, $ZodType>>,
  open: boolean,
  value: object,
  path: string,
  errors: Errors,
) {
  const prefix = path === '' ? '' : `${path}.`
  for (const [name, inner] of Object.entries(value)) {
    const known = Object.hasOwn(shape, name) ? shape[name] : undefined
    if (known) look(known, inner, `${prefix}${name}`, errors)
    else if (!open && Object.keys(errors).length < MAX_REPORTED) {
      errors[`${prefix}${name}`] = [notKnown(prefix, name, Object.keys(shape))]
    }
  }
}

/** The errors of the union's option that has the fewest, as the one that was meant. Only objects and lists are looked at. */
function errorsOfClosest(options: readonly $ZodType[], value: object, path: string): Errors {
  const errorsByOption = options
    .filter((option) => ['object', 'array'].includes((option as $ZodTypes)._zod.def.type))
    .map((option) => {
      const errors = noErrors()
      look(option, value, path, errors)
      return errors
    })
  return errorsByOption.sort((one, other) => Object.keys(one).length - Object.keys(other).length)[0] ?? {}
}
