// The contract of a section, a room's part of a tenant's document: its schema, and how it becomes entries of lists and back.
import type * as z from 'zod/mini'
import { foldId } from '../http/identifier.ts'
import { inPieces } from '../http/let-others-in.ts'
import type { EncryptionEnv } from '../secrets/encryption-keys.ts'
import { Contradiction } from './distinct.ts'
import type { EntryList } from './entry-list.ts'

/** The bindings by which secrets of a document are sealed and passwords hashed. */
export type SeedEnv = EncryptionEnv & Pick<Cloudflare.Env, 'DB' | 'EMBEDDED' | 'D1_DEADLINE_MS'>

/** What reading a section may need. */
export interface Reading {
  env: SeedEnv
  /** The time of creation for what the document gives none. */
  now: string
  names: Names
}

/** A list with the entries to plant. */
export interface Filled {
  readonly list: EntryList
  readonly entries: readonly unknown[]
}

type Entered<Entry> = { readonly [Property in keyof Entry]?: Entry[Property] | null | undefined }

/** Entries for a list. A property that is left out, or null where its column may not be, gets the column's default. */
export const fill = <Entry>(list: EntryList<Entry>, entries: readonly Entered<Entry>[]): Filled => ({ list, entries })

/** Returns the entries of a list that came out of the database. */
export type Entries = <Entry>(list: EntryList<Entry>) => readonly Entry[]

type Shape = Readonly<Record<string, z.ZodMiniType>>
type Part<Of extends Shape> = z.infer<z.ZodMiniObject<Of>>

export interface Section<Of extends Shape> {
  /** The properties of the document that belong to this section, with their schemas. */
  readonly schema: Of
  /** The lists, each behind those that its entries refer to: they are planted in this order. */
  readonly lists: readonly EntryList[]
  /** Turns the section of a document into entries, with secrets sealed. @throws Contradiction */
  read(part: Part<Of>, reading: Reading): readonly Filled[] | Promise<readonly Filled[]>
  /** Turns entries into the section of a document, with secrets in clear. */
  write(entries: Entries, env: EncryptionEnv): Part<Of> | Promise<Part<Of>>
}

/**
 * @example
 * export const formerUserSection = section({
 *   schema: { formerUsers: list(text()) },
 *   lists: [former],
 *   read: ({ formerUsers = [] }) => [fill(former, formerUsers.map((id) => [id] as const))],
 *   write: (entries) => ({ formerUsers: entries(former).map(([id]) => id) }),
 * })
 */
export const section = <const Of extends Shape>(made: Section<Of>): Section<Of> => made

/** The names by which sections refer to entries of the sections before them. */
export class Names {
  readonly #ids = new Map<string, Map<string, string>>()

  /** Lets entries be referred to by id, and by name, unless another entry has that as its id or an earlier one as its name. */
  async add(kind: string, entries: readonly { id: string; name: string }[]): Promise<void> {
    const ids = new Map<string, string>()
    for await (const { items } of inPieces(entries)) {
      for (const { id, name } of items) if (!ids.has(foldId(name))) ids.set(foldId(name), id)
    }
    for await (const { items } of inPieces(entries)) for (const { id } of items) ids.set(foldId(id), id)
    this.#ids.set(kind, ids)
  }

  /**
   * The id of the entry that is called `reference`.
   * @param place in the document, for the error
   * @throws Contradiction
   */
  idOf(kind: string, place: string, reference: string): string {
    const id = this.#ids.get(kind)?.get(foldId(reference))
    if (id === undefined) throw new Contradiction(`${place}: there is no ${kind} ${JSON.stringify(reference)}.`)
    return id
  }
}
