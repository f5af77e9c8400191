// What differs between the vendor's OpenAPI document and ours, as a list of sentences that are the same in every run.
import { SchemaComparison } from './compare-schemas.ts'
import { answersOf, type Document, type Found, jsonOf, operationsOf } from './document.ts'

/** Each difference once, in alphabetical order. */
export function differencesOf(theirs: Document, ours: Document): string[] {
  const [their, our] = [operationsOf(theirs), operationsOf(ours)]
  const schemas = new SchemaComparison(theirs, ours)
  const differences = new Set<string>()
  for (const [key, found] of their) {
    const mine = our.get(key)
    if (!mine) {
      differences.add(`operation missing: ${found.name}`)
      continue
    }
    for (const difference of compareOperations(found, mine, schemas)) differences.add(difference)
    for (const difference of compareAnswers([found, theirs], [mine, ours], schemas)) differences.add(difference)
  }
  for (const [key, { name }] of our) if (!their.has(key)) differences.add(`operation extra: ${name}`)
  return [...differences, ...schemas.differences].sort()
}

function* compareOperations(their: Found, our: Found, schemas: SchemaComparison) {
  const { name, operation } = their
  const mine = our.operation
  if (name !== our.name) yield `path: theirs ${name}, ours ${our.name}`
  if (operation.operationId !== mine.operationId) {
    yield `operationId: ${name}: theirs ${operation.operationId}, ours ${mine.operationId}`
  }
  if (`${operation.tags}` !== `${mine.tags}`) yield `tag: ${name}: theirs ${operation.tags}, ours ${mine.tags}`
  const parameters = new Map(mine.parameters?.map((parameter) => [`${parameter.in} ${parameter.name}`, parameter]))
  for (const { name: parameter, in: place, schema = {} } of operation.parameters ?? []) {
    const found = parameters.get(`${place} ${parameter}`)
    parameters.delete(`${place} ${parameter}`)
    if (!found) yield `parameter missing: ${name} ${place} ${parameter}`
    else schemas.compare(withoutNull(schema), found.schema ?? {}, 'request', `${name} ${parameter}`)
  }
  for (const extra of parameters.keys()) yield `parameter extra: ${name} ${extra}`
  const [theirBody, ourBody] = [jsonOf(operation.requestBody), jsonOf(mine.requestBody)]
  if (theirBody && ourBody) schemas.compare(theirBody, ourBody, 'request', `${name} body`)
  else if (theirBody || ourBody)
    yield `body: ${name}: theirs ${theirBody ? 'some' : 'none'}, ours ${ourBody ? 'some' : 'none'}`
  const media = Object.keys(operation.requestBody?.content ?? {})
  for (const type of media) if (!mine.requestBody?.content?.[type]) yield `media type missing: ${name} ${type}`
}

/** A parameter is left out, and never null, whatever its schema says. */
const withoutNull = <Nullable extends { nullable?: boolean }>({ nullable, ...schema }: Nullable) => schema

function* compareAnswers(their: [Found, Document], our: [Found, Document], schemas: SchemaComparison) {
  const [{ name, operation }, theirs] = their
  const [mine, ours] = our
  const answers = new Map(answersOf(mine.operation, ours))
  for (const [status, answer] of answersOf(operation, theirs)) {
    const found = answers.get(status)
    answers.delete(status)
    if (!found) {
      yield `status missing: ${name} ${status}`
      continue
    }
    const [theirBody, ourBody] = [jsonOf(answer), jsonOf(found)]
    if (theirBody && ourBody) schemas.compare(theirBody, ourBody, 'answer', `${name} ${status}`)
    else if (theirBody) yield `body missing: ${name} ${status}`
    else if (ourBody) yield `body extra: ${name} ${status}`
  }
  // Their document has hardly any refusals: one line for each status says that ours has them.
  for (const status of answers.keys())
    yield status < '400' ? `status extra: ${name} ${status}` : `status extra: any ${status}`
}
