// The difference between two states of a tenant, in words.
import type { SeedDocument } from '../node/library/seed-document.ts'

export interface Change {
  /** The entry, and the property if it is one that changed: `user ada: email`. */
  readonly what: string
  readonly is: 'added' | 'removed' | 'changed'
  readonly before?: string
  readonly after?: string
}

type Entry = Readonly<Record<string, unknown>>

/** How entries of each list are told apart, and what they are called. */
const LISTS = [
  ['users', 'user', 'id', 'userName'],
  ['robotAccounts', 'robot account', 'id', 'name'],
  ['applications', 'application', 'id', 'name'],
  ['groups', 'group', 'id', 'name'],
  ['settings', 'setting', 'id', 'key'],
] as const

/** Properties that follow from an entry's place. */
const IGNORED = new Set(['order'])

const textOf = (value: unknown) => (typeof value === 'string' ? value : (JSON.stringify(value) ?? 'nothing'))

/** All that has changed from `before` to `after`. */
export function compareDocuments(before: SeedDocument, after: SeedDocument): Change[] {
  return LISTS.flatMap(([list, kind, id, name]) => {
    const [old, now] = [byId(before[list], id), byId(after[list], id)]
    const called = (entry: Entry) => `${kind} ${entry[name]}`
    return [
      ...[...old]
        .filter(([key]) => !now.has(key))
        .map(([, entry]) => ({ what: called(entry), is: 'removed' as const })),
      ...[...now].flatMap(([key, entry]) => {
        const earlier = old.get(key)
        return earlier ? changesOf(called(entry), earlier, entry) : [{ what: called(entry), is: 'added' as const }]
      }),
    ]
  })
}

const byId = (entries: readonly object[] | undefined, id: string) =>
  new Map((entries ?? []).map((entry) => [Reflect.get(entry, id), entry as Entry]))

const changesOf = (what: string, before: Entry, after: Entry): Change[] =>
  [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .filter((name) => !IGNORED.has(name) && textOf(before[name]) !== textOf(after[name]))
    .map((name) => ({
      what: `${what}: ${name}`,
      is: 'changed',
      before: textOf(before[name]),
      after: textOf(after[name]),
    }))
