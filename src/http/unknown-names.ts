// Properties that a schema has no word for, at any depth, with their paths.
import type { $ZodType, $ZodTypes } from 'zod/v4/core'
import { notKnown } from './nearest.ts'

/** Refusals by the path of what is refused, as in a problem's `errors`. */
export type Errors = Record<string, string[]>

/** No more than these are told of one request. */
const MAX_TOLD = 100

/**
 * Every property of `value` that `schema` does not name, each with what it may have been meant to be. Names are exact, case
 * included. Objects that take any property (`z.looseObject`, `z.record`) are not looked into.
 */
export function unknownNames(schema: $ZodType, value: unknown): Errors {
  const errors = noErrors()
  look(schema, value, '', errors)
  return errors
}

/** Without a prototype, as `__proto__` is as good a name of a property as any. */
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
      Object.assign(errors, closest(def.options, value, path))
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
    else if (!open && Object.keys(errors).length < MAX_TOLD) {
      errors[`${prefix}${name}`] = [notKnown(prefix, name, Object.keys(shape))]
    }
  }
}

/** What the option says that has the fewest objections. An option that is no object has none to an object's properties. */
function closest(options: readonly $ZodType[], value: object, path: string): Errors {
  const objections = options
    .filter((option) => ['object', 'array'].includes((option as $ZodTypes)._zod.def.type))
    .map((option) => {
      const errors = noErrors()
      look(option, value, path, errors)
      return errors
    })
  return objections.sort((one, other) => Object.keys(one).length - Object.keys(other).length)[0] ?? {}
}
