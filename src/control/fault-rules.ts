// Faults that would do nothing, or other than they say.
import { WriteFault } from './fault.schema.ts'
import { operationsNamed } from './operation-names.ts'

type Kind = NonNullable<WriteFault['kind']>
type Property = keyof WriteFault

const OF_AN_ANSWER = ['status', 'body', 'headers', 'limit'] as const

/** What a fault of a kind does not look at. */
const MEANINGLESS: Readonly<Record<Kind, readonly Property[]>> = {
  status: ['limit'],
  drop: OF_AN_ANSWER,
  truncate: OF_AN_ANSWER,
  malformed: OF_AN_ANSWER,
  rateLimit: ['status', 'delay', 'times', 'probability', 'seed'],
}

const WITHOUT_BODY: readonly unknown[] = [204, 205, 304]

/** A fault that can be armed: one that does something, and nothing in it contradicts the rest. */
export const ArmableFault = WriteFault.check(({ value, issues }) => {
  for (const [name, message] of objectionsTo(value)) {
    issues.push({ code: 'custom', path: name === '' ? [] : [name], message, input: value })
  }
})

/** A property, or the empty name for the fault as a whole, and what there is to say against it. */
type Objection = [property: Property | '', message: string]

/** What is wrong with a fault each of whose properties is right by itself. */
function objectionsTo(fault: WriteFault): Objection[] {
  const { status, body, delay, probability, seed } = fault
  const contradictions: [found: boolean, ...Objection][] = [
    [typeof delay === 'object' && delay.min > delay.max, 'delay', 'delay.min is greater than delay.max.'],
    [probability === 0, 'probability', 'A fault of probability 0 meets nothing.'],
    [seed !== undefined && probability === undefined, 'seed', 'seed means nothing without probability.'],
    [body !== undefined && WITHOUT_BODY.includes(status), 'body', `An answer of status ${status} has no body.`],
  ]
  const found = contradictions.flatMap(([is, ...objection]) => (is ? [objection] : []))
  return [...meaningless(fault), ...found, ...methodMismatch(fault)]
}

/** Properties that nothing looks at, and faults of which nothing is left. */
function meaningless(fault: WriteFault): Objection[] {
  const { status, body, delay } = fault
  const kind = fault.kind ?? (status === undefined && body === undefined ? undefined : 'status')
  if (kind !== undefined) {
    return present(fault, MEANINGLESS[kind]).map((name) => [name, `${name} means nothing beside kind ${kind}.`])
  }
  const alone = present(fault, ['headers', 'limit'])
  if (alone.length > 0) return alone.map((name) => [name, `${name} means nothing without ${WITH[name] ?? 'kind'}.`])
  const waits = typeof delay === 'object' ? delay.max > 0 : delay !== undefined && delay > 0
  return waits ? [] : [['', 'The fault does nothing: it takes status, body, kind or delay.']]
}

const WITH: Partial<Record<Property, string>> = { headers: 'status, body or kind', limit: 'kind rateLimit' }

const present = (fault: WriteFault, names: readonly Property[]) => names.filter((name) => fault[name] !== undefined)

function methodMismatch({ operation, method }: WriteFault): Objection[] {
  if (operation === undefined || method === undefined) return []
  const methods = operationsNamed(operation).map((one) => one.method)
  const asked = method.toUpperCase() === 'HEAD' ? 'GET' : method.toUpperCase()
  return methods.includes(asked) ? [] : [['method', `method is never ${method} where operation is ${operation}.`]]
}
