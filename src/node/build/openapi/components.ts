// The schemas of a document: those that have a name become components, and all others stand where they are used.
import * as z from 'zod/mini'
import { type $ZodType, registry, toJSONSchema } from 'zod/v4/core'
import { closeObject } from './close-object.ts'
import { mapSchema, nameIn, refTo, type Schema } from './schema.ts'

/** Whether a schema is what clients send or what they are sent. */
export type Direction = 'input' | 'output'

/** The names of schemas. Several may have one name: the component is then the first of them. */
export type Names = readonly (readonly [schema: $ZodType, name: string])[]

export interface Style {
  readonly names: Names
  /** Whether bodies with properties that are not named are refused. */
  readonly strict: boolean
  /** What becomes of a schema; `component` is its name, if it is a component. */
  readonly refine: (schema: Schema, component: string | undefined) => Schema
}

/** JavaScript's own limits of whole numbers, which zod writes where a schema has none. */
const isNoLimit = (limit: number | undefined) => limit !== undefined && Math.abs(limit) === Number.MAX_SAFE_INTEGER

export class Components {
  readonly #style: Style
  readonly #schemas = new Map<string, Schema>()
  /** Names whose component is so far written from another schema than the first. */
  readonly #provisional = new Set<string>()

  /** @param given components that no schema of zod is written for */
  constructor(style: Style, given: Readonly<Record<string, Schema>>) {
    this.#style = style
    for (const [name, schema] of Object.entries(given)) this.#schemas.set(name, schema)
  }

  /** All that were used, by their names. */
  used(document: unknown): Record<string, Schema> {
    const found = new Set<string>()
    const visit = (value: unknown) => {
      for (const [, name = ''] of JSON.stringify(value).matchAll(/"#\/components\/schemas\/([^"]+)"/g)) {
        if (found.has(name)) continue
        found.add(name)
        visit(this.#schemas.get(name))
      }
    }
    visit(document)
    return Object.fromEntries(
      [...this.#schemas].filter(([name]) => found.has(name)).sort(([a], [b]) => (a < b ? -1 : 1)),
    )
  }

  /** The schema of a value on the wire. */
  of(zod: $ZodType, direction: Direction): Schema {
    const { definitions, root } = this.#convert(zod, direction)
    for (const [id, schema] of Object.entries(definitions)) {
      const name = nameOf(id)
      const written = this.#style.refine(cleaned(schema), name)
      this.#keep(name, written, id === name)
    }
    return this.#style.refine(cleaned(root), undefined)
  }

  /** @param isFirst whether it is the first of the schemas of that name, whose component it is */
  #keep(name: string, schema: Schema, isFirst: boolean) {
    const before = this.#schemas.get(name)
    if (before && isFirst && !this.#provisional.has(name) && JSON.stringify(before) !== JSON.stringify(schema)) {
      throw new Error(`${name} is two things`)
    }
    if (before && !isFirst) return
    this.#schemas.set(name, schema)
    if (isFirst) this.#provisional.delete(name)
    else this.#provisional.add(name)
  }

  #convert(zod: $ZodType, direction: Direction): { root: Schema; definitions: Record<string, Schema> } {
    const { names, strict } = this.#style
    const metadata = registry<{ id: string }>()
    for (const [index, [schema, name]] of names.entries()) {
      const isFirst = names.findIndex(([, other]) => other === name) === index
      metadata.add(schema, { id: isFirst ? name : `${name}~${index}` })
    }
    const holder = { metadata, target: 'openapi-3.0', io: direction, unrepresentable: 'any' } as const
    // A schema that has a name would be written out where it is the outermost one.
    const { definitions, properties }: { definitions?: Record<string, Schema>; properties?: Record<string, Schema> } =
      JSON.parse(
        JSON.stringify(
          toJSONSchema(z.object({ root: zod }), {
            ...holder,
            ...(strict && direction === 'input' && { override: closeObject }),
          }),
        ),
      )
    return { root: properties?.['root'] ?? {}, definitions: definitions ?? {} }
  }
}

const nameOf = (id: string) => id.replace(/~\d+$/, '')

function cleaned(schema: Schema): Schema {
  return mapSchema(schema, ({ $ref, minimum, maximum, ...rest }) => ({
    ...($ref && refTo(nameOf(nameIn($ref)))),
    ...rest,
    ...(minimum !== undefined && !isNoLimit(minimum) && { minimum }),
    ...(maximum !== undefined && !isNoLimit(maximum) && { maximum }),
  }))
}
