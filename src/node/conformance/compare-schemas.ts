// Compares schemas of two documents, place by place.
import { nameIn, refTo, type Schema } from '../build/openapi/schema.ts'
import type { Document } from './document.ts'

/** `request` for what clients send, `answer` for what they are sent. */
export type Direction = 'request' | 'answer'

/** What a schema says, with its references followed and the parts of an `allOf` joined. */
interface Shape {
  /** The component it is. */
  readonly name: string | undefined
  readonly type: string
  readonly format: string
  readonly nullable: boolean
  readonly values: readonly string[]
  readonly range: string
  readonly required: readonly string[]
  readonly properties: Readonly<Record<string, Schema>>
  readonly items: Schema | undefined
  readonly entries: Schema | undefined
  /** The components it may be one of. */
  readonly choices: readonly string[]
}

export class SchemaComparison {
  readonly #theirs: Document
  readonly #ours: Document
  readonly #done = new Set<string>()
  readonly differences = new Set<string>()

  constructor(theirs: Document, ours: Document) {
    this.#theirs = theirs
    this.#ours = ours
  }

  /** Notes what differs. `place` is where the schemas stand, unless they are components, which have names. */
  compare(theirs: Schema, ours: Schema, direction: Direction, place: string): void {
    const [their, our] = [shapeOf(theirs, this.#theirs), shapeOf(ours, this.#ours)]
    const at = their.name ?? place
    if (their.name !== undefined) {
      if (this.#done.has(`${direction} ${at}`)) return
      this.#done.add(`${direction} ${at}`)
      if (their.name !== our.name) this.#note('name', direction, at, their.name, our.name ?? 'none')
    }
    this.#compareValues(their, our, direction, at)
    this.#compareFields(their, our, direction, at)
    if (their.items && our.items) this.compare(their.items, our.items, direction, `${at}[]`)
    for (const name of their.choices.filter((choice) => our.choices.includes(choice))) {
      this.compare(refTo(name), refTo(name), direction, at)
    }
    if (their.entries && our.entries) this.compare(their.entries, our.entries, direction, `${at}{}`)
  }

  #compareValues(their: Shape, our: Shape, direction: Direction, at: string) {
    const isEnumeration = their.values.length > 0 || our.values.length > 0
    if (their.type !== our.type && !isEnumeration) this.#note('type', direction, at, their.type, our.type)
    if (their.format !== our.format && !isEnumeration) this.#note('format', direction, at, their.format, our.format)
    if (their.nullable !== our.nullable) this.#note('nullable', direction, at, their.nullable, our.nullable)
    if (their.range !== our.range) this.#note('range', direction, at, their.range, our.range)
    this.#noteValues('enum missing', direction, at, exclude(their.values, our.values))
    this.#noteValues('enum extra', direction, at, exclude(our.values, their.values))
    if (`${their.choices}` !== `${our.choices}`) this.#note('choice', direction, at, their.choices, our.choices)
  }

  #compareFields(their: Shape, our: Shape, direction: Direction, at: string) {
    for (const [name, schema] of Object.entries(their.properties)) {
      const mine = our.properties[name]
      if (!mine) this.differences.add(`field missing: ${direction} ${at}.${name}`)
      else this.compare(schema, mine, direction, `${at}.${name}`)
      const [wants, asks] = [their.required.includes(name), our.required.includes(name)]
      if (mine && wants !== asks) this.#note('required', direction, `${at}.${name}`, wants, asks)
    }
    for (const name of Object.keys(our.properties)) {
      if (!Object.hasOwn(their.properties, name)) this.differences.add(`field extra: ${direction} ${at}.${name}`)
    }
  }

  #noteValues(what: string, direction: Direction, at: string, values: readonly string[]) {
    if (values.length > 0) this.differences.add(`${what}: ${direction} ${at}: ${values.join(', ')}`)
  }

  #note(what: string, direction: Direction, at: string, theirs: unknown, ours: unknown) {
    const said = (value: unknown) => (`${value}` === '' ? 'none' : `${value}`)
    this.differences.add(`${what}: ${direction} ${at}: theirs ${said(theirs)}, ours ${said(ours)}`)
  }
}

const exclude = (values: readonly string[], others: readonly string[]) =>
  values.filter((value) => !others.includes(value))

function shapeOf(schema: Schema, document: Document): Shape {
  const { name, merged } = resolve(schema, document)
  const { oneOf = [], minimum, maximum } = merged
  const choices = oneOf.flatMap(({ $ref }) => ($ref ? [nameIn($ref)] : []))
  const values = oneOf.flatMap((one) => one.enum ?? [])
  return {
    name,
    type: merged.type ?? (choices.length > 0 || merged.properties ? 'object' : ''),
    format: merged.format ?? '',
    nullable: merged.nullable === true,
    values: [...(merged.enum ?? []), ...values].map(String),
    range: minimum === undefined && maximum === undefined ? '' : `${minimum ?? ''} to ${maximum ?? ''}`,
    required: merged.required ?? [],
    properties: merged.properties ?? {},
    items: merged.items,
    entries: typeof merged.additionalProperties === 'object' ? merged.additionalProperties : undefined,
    choices: choices.sort(),
  }
}

function resolve(schema: Schema, document: Document): { name: string | undefined; merged: Schema } {
  if (schema.$ref) {
    const name = nameIn(schema.$ref)
    return { name, merged: resolve(document.components?.schemas?.[name] ?? {}, document).merged }
  }
  const parts = (schema.allOf ?? []).map((part) => resolve(part, document).merged)
  const all = [...parts, schema]
  return {
    name: undefined,
    merged: {
      ...Object.assign({}, ...all),
      properties: Object.assign({}, ...all.map(({ properties }) => properties)),
      required: all.flatMap(({ required = [] }) => required),
    },
  }
}
