// What a schema has against a value, in the words of the real server's framework.
import type { $ZodIssue } from 'zod/v4/core'
import type { Errors } from './unknown-names.ts'

// Real server: fields are named as in `settings[0].value`, and the body as a whole by the empty name. Assumed: the texts but
// those of what is required.
export function explain(value: unknown, issues: readonly $ZodIssue[]): Errors {
  const errors: Errors = {}
  for (const issue of issues) {
    const field = issue.path.reduce<string>(
      (path, step) => (typeof step === 'number' ? `${path}[${step}]` : path ? `${path}.${String(step)}` : String(step)),
      '',
    )
    errors[field] = [...(errors[field] ?? []), describeIssue(value, issue, field)]
  }
  return errors
}

function describeIssue(value: unknown, issue: $ZodIssue, field: string): string {
  switch (issue.code) {
    case 'invalid_type':
      if (field && isMissing(value, issue.path)) return `The ${field} field is required.`
      return `The value is not valid: ${issue.expected} expected.`
    case 'too_small':
      return `The field ${field} must ${bounded(issue.origin, `at least ${issue.minimum}`)}.`
    case 'too_big':
      return `The field ${field} must ${bounded(issue.origin, `at most ${issue.maximum}`)}.`
    default:
      return issue.message === 'Invalid input' ? `The field ${field} is invalid.` : issue.message
  }
}

function bounded(origin: string, bound: string): string {
  if (origin === 'array') return `have ${bound} elements`
  return origin === 'string' ? `have ${bound} characters` : `be ${bound}`
}

function isMissing(value: unknown, path: readonly PropertyKey[]): boolean {
  const found = path.reduce<unknown>(
    (inner, step) => (typeof inner === 'object' && inner !== null ? Reflect.get(inner, step) : undefined),
    value,
  )
  return found === undefined || found === null
}
