// An OpenAPI document that somebody else wrote, as far as it is compared with ours.
import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import type { Schema } from '../build/openapi/schema.ts'
import { messageOf } from '../error-details.ts'
import { StartFailure } from '../start-failure.ts'

interface Content {
  content?: Record<string, { schema?: Schema }>
}

export interface Parameter {
  name: string
  in: string
  schema?: Schema
}

export interface OperationObject {
  operationId?: string
  tags?: string[]
  parameters?: Parameter[]
  requestBody?: Content
  responses: Record<string, Content & { $ref?: string }>
}

export interface Document {
  info: { title: string; version: string }
  paths: Record<string, Record<string, OperationObject>>
  components?: { schemas?: Record<string, Schema>; responses?: Record<string, Content> }
}

const METHODS = new Set(['get', 'put', 'post', 'delete', 'patch', 'head', 'options'])

/** Reads an OpenAPI document, JSON or YAML. @throws StartFailure for what is none */
export function readDocument(file: string): Document {
  try {
    const document: Document = parse(readFileSync(file, 'utf8'), { maxAliasCount: -1 })
    if (document?.info && document.paths) return document
  } catch (error) {
    throw new StartFailure(`${file} cannot be read: ${messageOf(error)}`)
  }
  throw new StartFailure(`${file} is no OpenAPI document: it has no info or no paths`)
}

/** An operation, with the path as the document has it. */
export interface Found {
  readonly name: string
  readonly operation: OperationObject
}

/** The operations by method and path; parameters of a path count by their place alone. */
export function operationsOf({ paths }: Document): Map<string, Found> {
  const all = Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item)
      .filter(([method]) => METHODS.has(method))
      .map(([method, operation]): [string, Found] => {
        const name = `${method.toUpperCase()} ${path}`
        return [name.replace(/\{\w+\}/g, '{}').toLowerCase(), { name, operation }]
      }),
  )
  return new Map(all)
}

/** The schema of a body as JSON; undefined where there is none. */
export const jsonOf = (body: Content | undefined): Schema | undefined => body?.content?.['application/json']?.schema

/** The answers by status, with references followed. */
export function answersOf({ responses }: OperationObject, { components }: Document): [string, Content][] {
  return Object.entries(responses).map(([status, answer]) => {
    const name = answer.$ref?.slice(answer.$ref.lastIndexOf('/') + 1)
    return [status, name === undefined ? answer : (components?.responses?.[name] ?? {})]
  })
}
