// From a document to the entries a tenant is planted of, and back.
import type { EntryList } from '../../documents/entry-list.ts'
import { type Entries, type Filled, Names, UnknownName } from '../../documents/section.ts'
import type { EncryptionEnv } from '../../secrets/encryption-keys.ts'
import { ControlProblem } from '../problem.ts'
import type { TenantDocument } from './document.schema.ts'
import { SECTIONS } from './sections.ts'

/**
 * The entries of all lists, with the secrets among them sealed.
 *
 * @param now for what has no time of its own
 * @throws ControlProblem 422 where the document names what it does not have
 */
export async function readDocument(env: EncryptionEnv, document: TenantDocument, now: string): Promise<Filled[]> {
  const names = new Names()
  const filled: Filled[] = []
  try {
    // One after another: a section calls the entries of those before it by their names.
    for (const section of SECTIONS) filled.push(...(await section.read(document, { env, now, names })))
  } catch (error) {
    throw error instanceof UnknownName ? new ControlProblem(422, error.message) : error
  }
  return filled
}

/** Some entries of a list, as JSON, in the form in which the database has them. */
export interface PartRow {
  section: string
  entries: string
}

/** The document that plants these entries again, with its secrets in clear. */
export async function writeDocument(env: EncryptionEnv, rows: readonly PartRow[]): Promise<TenantDocument> {
  const byList = Map.groupBy(rows, ({ section }) => section)
  const entries: Entries = <Entry>({ name }: EntryList<Entry>) =>
    (byList.get(name) ?? []).flatMap((row): Entry[] => JSON.parse(row.entries))
  const parts = await Promise.all(SECTIONS.map(async (section): Promise<TenantDocument> => section.write(entries, env)))
  return Object.assign({}, ...parts)
}

/** The tenant one gets without asking for another: two administrators, a user to change, and what the first one has set. */
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
