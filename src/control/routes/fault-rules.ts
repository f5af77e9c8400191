// Refuses faults that would have no effect, or another than they say: a test that relies on them would pass for nothing.
import { WriteFault } from '../effects/fault.schema.ts'
import { operationsNamed } from '../effects/operation-names.ts'

type Kind = NonNullable<WriteFault['kind']>
type Property = keyof WriteFault

/** Properties of the answer that a fault of kind `status` gives, and of rate limits. */
const OF_AN_ANSWER = ['status', 'body', 'headers', 'limit'] as const

/** The properties that have no effect on a fault of each kind. */
const WITHOUT_EFFECT: Readonly<Record<Kind, readonly Property[]>> = {
  status: ['limit'],
  drop: OF_AN_ANSWER,
  truncate: OF_AN_ANSWER,
  malformed: OF_AN_ANSWER,
  rateLimit: ['status', 'delay', 'times', 'probability', 'seed'],
}

const WITHOUT_BODY: readonly unknown[] = [204, 205, 304]

/** The schema of a fault that has an effect and does not contradict itself. */
export const ArmableFault = WriteFault.check(({ value, issues }) => {
  for (const [name, message] of errorsOf(value)) {
    issues.push({ code: 'custom', path: name === '' ? [] : [name], message, input: value })
  }
})

/** An error: the property, or the empty name for the fault as a whole, and the message. */
type FaultError = [property: Property | '', message: string]

/** The errors of a fault whose properties are each valid by itself. */
function errorsOf(fault: WriteFault): FaultError[] {
  const { status, body, delay, probability, seed } = fault
  const contradictions: [found: boolean, ...FaultError][] = [
    [typeof delay === 'object' && delay.min > delay.max, 'delay', 'delay.min is greater than delay.max.'],
    [probability === 0, 'probability', 'A fault of probability 0 meets nothing.'],
    [seed !== undefined && probability === undefined, 'seed', 'seed means nothing without probability.'],
    [body !== undefined && WITHOUT_BODY.includes(status), 'body', `An answer of status ${status} has no body.`],
  ]
  const found = contradictions.flatMap(([is, ...error]) => (is ? [error] : []))
  return [...effectless(fault), ...found, ...methodMismatch(fault)]
}

/** Errors for properties that have no effect, and for a fault that has none at all. */
function effectless(fault: WriteFault): FaultError[] {
  const { status, body, delay } = fault
  const kind = fault.kind ?? (status === undefined && body === undefined ? undefined : 'status')
  if (kind !== undefined) {
    return given(fault, WITHOUT_EFFECT[kind]).map((name) => [name, `${name} means nothing beside kind ${kind}.`])
  }
  const alone = given(fault, ['headers', 'limit'])
  if (alone.length > 0) return alone.map((name) => [name, `${name} means nothing without ${NEEDED[name] ?? 'kind'}.`])
  const waits = typeof delay === 'object' ? delay.max > 0 : delay !== undefined && delay > 0
  return waits ? [] : [['', 'The fault does nothing: it takes status, body, kind or delay.']]
}

/** The properties that give another one an effect. */
const NEEDED: Partial<Record<Property, string>> = { headers: 'status, body or kind', limit: 'kind rateLimit' }

const given = (fault: WriteFault, names: readonly Property[]) => names.filter((name) => fault[name] !== undefined)

/** An error if the operation never has the method, as the fault would apply to no request. */
function methodMismatch({ operation, method }: WriteFault): FaultError[] {
  if (operation === undefined || method === undefined) return []
  const methods = operationsNamed(operation).map((one) => one.method)
  return methods.includes(method.toUpperCase())
    ? []
    : [['method', `method is never ${method} where operation is ${operation}.`]]
}
