// Suggests what was meant by a misspelt name.

/** The most letters to change, add or remove for one name to count as a misspelling of the other. */
const MAX_EDITS = 3

/** Where no candidate is near, all are listed unless there are more than this. */
const MAX_LISTED = 12

/** Longer names are neither compared nor repeated in full. In characters. */
const MAX_NAME = 100

/**
 * The candidate that `name` was most likely meant to be, in any case of letters: the one with the fewest edits, three at
 * most and fewer than it has letters, or else the shortest of which one is a prefix of the other.
 *
 * @example
 * ```ts
 * nearest('userNme', ['userName', 'email']) // 'userName'
 * nearest('Setting_GetSettings', ['Setting_GetSettingsBulk']) // 'Setting_GetSettingsBulk'
 * ```
 */
export function nearest(name: string, candidates: readonly string[]): string | undefined {
  if (name === '' || name.length > MAX_NAME) return undefined
  const folded = name.toLowerCase()
  const near = candidates.flatMap((candidate) => {
    const other = candidate.toLowerCase()
    const edits = editsBetween(folded, other)
    if (edits <= MAX_EDITS && edits < Math.max(folded.length, other.length)) return [{ candidate, rank: edits }]
    if (!other.startsWith(folded) && !folded.startsWith(other)) return []
    return [{ candidate, rank: MAX_EDITS + Math.abs(folded.length - other.length) }]
  })
  return near.sort((one, other) => one.rank - other.rank)[0]?.candidate
}

/** The end of a refusal of `name`: what was meant, or all candidates if they are few, or just the full stop. */
export function hint(name: string, candidates: readonly string[]): string {
  const meant = nearest(name, candidates)
  if (meant !== undefined) return `; did you mean ${meant}?`
  if (candidates.length === 0 || candidates.length > MAX_LISTED) return '.'
  return candidates.length === 1 ? `; there is ${candidates[0]}.` : `; there are ${listed(candidates)}.`
}

/** The refusal of a value that names nothing: `there is no operation Group_Update; did you mean Group_UpdateGroup?` */
export function noSuch(what: string, name: unknown, candidates: readonly string[]): string {
  const text = typeof name === 'string' ? name : (JSON.stringify(name) ?? String(name))
  return `there is no ${what} ${shorten(text)}${hint(text, candidates)}`
}

/** The refusal of a property, parameter or option: `seed.users[1].userNme is not known; did you mean userName?` */
export const notKnown = (path: string, name: string, candidates: readonly string[]) =>
  `${path}${shorten(name)} is not known${hint(name, candidates)}`

const shorten = (text: string) => (text.length > MAX_NAME ? `${text.slice(0, MAX_NAME)}…` : text)

const listed = (names: readonly string[]) => `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`

/** The Levenshtein distance, or anything beyond {@link MAX_EDITS} where it is beyond that. */
function editsBetween(one: string, other: string): number {
  if (Math.abs(one.length - other.length) > MAX_EDITS) return MAX_EDITS + 1
  let row = Array.from({ length: other.length + 1 }, (_, column) => column)
  for (const [index, letter] of [...one].entries()) {
    const next = [index + 1]
    for (const [column, against] of [...other].entries()) {
      const [diagonal = 0, above = 0] = row.slice(column, column + 2)
      next.push(Math.min(above + 1, (next[column] ?? 0) + 1, diagonal + (letter === against ? 0 : 1)))
    }
    row = next
  }
  return row.at(-1) ?? 0
}
