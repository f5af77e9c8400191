// A room's part of a tenant's document: the words it is written in, and how they become entries of lists and back.
import type * as z from 'zod/mini'
import { foldId } from '../http/identifier.ts'
import type { EncryptionEnv } from '../secrets/encryption-keys.ts'
import type { EntryList } from './entry-list.ts'

/** What sections are read with. */
export interface Reading {
  env: EncryptionEnv
  /** For what has no time of its own. */
  now: string
  names: Names
}

/** A list with the entries that are to be planted. */
export interface Filled {
  readonly list: EntryList
  readonly entries: readonly unknown[]
}

type Entered<Entry> = { readonly [Property in keyof Entry]?: Entry[Property] | null | undefined }

/** Entries for a list. What one leaves out, or has null where its column may not be null, becomes the column's default. */
export const fill = <Entry>(list: EntryList<Entry>, entries: readonly Entered<Entry>[]): Filled => ({ list, entries })

/** The entries of a list as the database has them. */
export type Entries = <Entry>(list: EntryList<Entry>) => readonly Entry[]

type Shape = Readonly<Record<string, z.ZodMiniType>>
type Part<Of extends Shape> = z.infer<z.ZodMiniObject<Of>>

export interface Section<Of extends Shape> {
  /** The properties of a document that are this section's, and their schemas. */
  readonly schema: Of
  /** In the order in which they are planted. */
  readonly lists: readonly EntryList[]
  /** Secrets are sealed by it. @throws UnknownName */
  read(part: Part<Of>, reading: Reading): readonly Filled[] | Promise<readonly Filled[]>
  /** Secrets are unsealed by it. */
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

/** A document names something that it does not have. */
export class UnknownName extends Error {}

/** What sections call the entries of those before them by: an id or a name. */
export class Names {
  readonly #ids = new Map<string, Map<string, string>>()

  /** An entry is called by its id, or by its name unless that is another's id or an earlier one's name. */
  add(kind: string, entries: readonly { id: string; name: string }[]) {
    const ids = new Map<string, string>()
    for (const { id, name } of entries) if (!ids.has(foldId(name))) ids.set(foldId(name), id)
    for (const { id } of entries) ids.set(foldId(id), id)
    this.#ids.set(kind, ids)
  }

  /** @throws UnknownName with the `place` in the document */
  idOf(kind: string, place: string, called: string): string {
    const id = this.#ids.get(kind)?.get(foldId(called))
    if (id === undefined) throw new UnknownName(`${place}: there is no ${kind} ${JSON.stringify(called)}.`)
    return id
  }
}
