// What our OpenAPI documents promise of each operation: which answers there are, and what is in them.
import control from '../../assets/openapi/control.json'
import external from '../../assets/openapi/external.json'
import type { Schema } from '../../src/node/build/openapi/schema.ts'
import { objectionsTo } from './schema-check.ts'

interface Answer {
  content?: Record<string, { schema: Schema }>
}

interface OperationObject {
  operationId: string
  responses: Record<string, Answer | { $ref: string }>
}

type Methods = Record<string, OperationObject>

interface Document {
  servers: { url: string }[]
  paths: Record<string, Methods & { servers?: { url: string }[] }>
  components: { schemas: Record<string, Schema>; responses: Record<string, Answer> }
}

export interface Promised {
  readonly plane: 'api' | 'control'
  readonly method: string
  /** The path as a template, from the root. */
  readonly path: string
  readonly operationId: string
  /** By status, then by media type; the schema of an empty body is undefined. */
  readonly answers: ReadonlyMap<number, ReadonlyMap<string, Schema>>
  readonly document: Document
}

// As JSON: the compiler would make types of tens of thousands of lines.
const untyped = (document: object): Document => JSON.parse(JSON.stringify(document))

export const PROMISED: readonly Promised[] = [
  ...promisedBy('api', untyped(external)),
  ...promisedBy('control', untyped(control)),
]

function promisedBy(plane: Promised['plane'], document: Document): Promised[] {
  return Object.entries(document.paths).flatMap(([template, item]) => {
    const { servers = document.servers, ...rest } = item
    const methods: Methods = rest
    const base = servers[0]?.url === '/' ? '' : servers[0]?.url
    return Object.entries(methods).map(([method, operation]) => ({
      plane,
      method: method.toUpperCase(),
      path: `${base}${template}`,
      operationId: operation.operationId,
      answers: answersOf(operation, document),
      document,
    }))
  })
}

function answersOf({ responses }: OperationObject, { components }: Document) {
  const entries = Object.entries(responses).map(([status, given]): [number, Map<string, Schema>] => {
    const answer = '$ref' in given ? components.responses[given.$ref.slice('#/components/responses/'.length)] : given
    const content = Object.entries(answer?.content ?? {})
    return [Number(status), new Map(content.map(([media, { schema }]) => [media, schema]))]
  })
  return new Map(entries)
}

/** The operation that a request is for; undefined where there is none. */
export function promisedFor(plane: 'api' | 'control', method: string, path: string): Promised | undefined {
  const asked = method === 'HEAD' ? 'GET' : method
  return PROMISED.find((promised) => promised.plane === plane && promised.method === asked && isOf(promised.path, path))
}

const isOf = (template: string, path: string) => {
  const [wanted, given] = [template.split('/'), path.split('/')]
  return wanted.length === given.length && wanted.every((part, index) => part.startsWith('{') || part === given[index])
}

/** What an answer has against what is promised; nothing if it conforms. */
export function objectionsOf(promised: Promised, status: number, media: string, body: string): string[] {
  const { operationId, answers, document } = promised
  const content = answers.get(status)
  if (!content) return [`${operationId} answers ${status}, which is not declared: ${body.slice(0, 200)}`]
  if (body === '') return content.size === 0 || content.has('') ? [] : [`${operationId} ${status}: the body is empty`]
  const schema = content.get(media)
  if (!schema) return [`${operationId} ${status}: ${media} is not declared`]
  const value: unknown = media.endsWith('json') ? JSON.parse(body) : body
  return objectionsTo(value, schema, document.components.schemas).map((one) => `${operationId} ${status}: ${one}`)
}
