// Turns a tenant's document into the entries that the tenant is planted from, and entries into a document.
import { asItIs, Contradiction, placed, requireDistinct } from '../../documents/distinct.ts'
import type { EntryList } from '../../documents/entry-list.ts'
import { type Entries, type Filled, Names, type SeedEnv } from '../../documents/section.ts'
import { mapInPieces } from '../../http/let-others-in.ts'
import type { EncryptionEnv } from '../../secrets/encryption-keys.ts'
import { withoutHashes } from '../../users/dumped-passwords.ts'
import { ControlProblem } from '../problem.ts'
import type { TenantDocument } from './document.schema.ts'
import { SECTION_SCHEMAS, SECTIONS } from './sections.ts'

/**
 * The entries of all lists, with secrets sealed.
 *
 * @param now the time of creation for what the document gives none
 * @throws ControlProblem 422 where the document refers to something that is not in it, such as a member of a group, or has a
 *   name or an id twice
 * @example
 * const filled = await readDocument(c.env, document, now(c))
 */
export async function readDocument(env: SeedEnv, document: TenantDocument, now: string): Promise<Filled[]> {
  const names = new Names()
  const filled: Filled[] = []
  try {
    await requireDistinct(placed('clients', document.clients ?? [], 'id'), asItIs)
    // In order, not at once: a section refers to the entries of those before it.
    for (const section of SECTIONS) {
      filled.push(...(await section.read(document, { env, now, names })))
    }
  } catch (error) {
    throw error instanceof Contradiction ? new ControlProblem(422, error.message) : error
  }
  return filled
}

/** Some entries of a list as the database has them. A list has as many parts as its size needs. */
export interface SnapshotPart {
  /** The list's name. */
  section: string
  /** A JSON array. */
  entries: string
}

/** The properties of a document. */
export const PARTS = Object.keys(SECTION_SCHEMAS)

/** The lists that a property of a document is written from, or for none all properties: what is derived from these has none. */
export const listsOf = (part: string | undefined): readonly EntryList[] =>
  SECTIONS.filter(({ schema }) => part === undefined || part in schema)
    .flatMap(({ lists }): readonly EntryList[] => lists)
    .filter(({ isDerived }) => !isDerived)

/** What a dump has in it beside the data. */
export interface DumpOptions {
  /** Whether it has the hashes of passwords, which whoever reads it could try to guess the passwords of. */
  passwordHashes: boolean
}

/**
 * The document of these entries, with secrets in clear: a tenant that is made from it has the same data, passwords excepted unless
 * their hashes are in it.
 */
export async function writeDocument(
  env: EncryptionEnv,
  rows: readonly SnapshotPart[],
  { passwordHashes }: DumpOptions,
): Promise<TenantDocument> {
  const parsed = await mapInPieces(rows, ({ entries }): unknown[] => JSON.parse(entries), sizeOf)
  const byList = Map.groupBy(parsed.keys(), (index) => rows[index]?.section)
  // What a list has in the database is what its section has filled it with.
  const entries: Entries = <Entry>({ name }: EntryList<Entry>) =>
    (byList.get(name) ?? []).flatMap((index) => parsed[index] as Entry[])
  const document: TenantDocument = {}
  for (const section of SECTIONS) Object.assign(document, await section.write(entries, env))
  if (!passwordHashes && document.users) document.users = await mapInPieces(document.users, withoutHashes)
  return document
}

/** For how many entries a part counts. */
const sizeOf = ({ entries }: SnapshotPart) => Math.max(1, entries.length / CHARACTERS)

/** The characters that are read in the time that an entry counts for. */
const CHARACTERS = 500

/** The document of a tenant that is made without one: two administrators, a user for tests to change, and settings of the first. */
export const DEFAULT_DOCUMENT: TenantDocument = {
  users: [
    { userName: 'ada', email: 'ada@tenant.example', name: 'Ada', surname: 'Admin' },
    { userName: 'ben', email: 'ben@tenant.example', name: 'Ben', surname: 'Admin' },
    { userName: 'uma', email: 'uma@tenant.example', name: 'Uma', surname: 'User' },
  ],
  groups: [{ name: 'Administrators', members: ['ada', 'ben'] }],
  // Its SDK's own tests look for them, of the first user.
  settings: [
    { key: 'UserTheme.Theme', value: 'light', user: 'ada' },
    { key: 'UserAccessibility.Accessibility', value: 'false', user: 'ada' },
  ],
}
