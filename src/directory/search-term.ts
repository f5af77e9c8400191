// From a search term to SQL that finds it as a substring of any of some columns, by the fold of names.
import { type SQL, sql } from 'drizzle-orm'
import type { SQLiteColumn } from 'drizzle-orm/sqlite-core'
import type { Slots } from '../database/statement.ts'
import { foldName, spellingsOf } from '../http/fold-name.ts'

/**
 * What a search binds: `pattern` for LIKE, and for what a pattern cannot say the folded `term`, the same `decomposed`, as it
 * was `written`, and as a JSON array of pairs the `letters` that are folded, with what they become.
 */
export interface SearchValues {
  pattern: string
  term: string
  decomposed: string
  written: string
  letters: string
}

/** A term made ready for the query. An `exact` pattern finds just the matches; an `inexact` one finds others as well. */
export interface Search extends SearchValues {
  kind: 'exact' | 'inexact'
}

/** D1 refuses longer ones. In bytes. */
const MAX_PATTERN = 50

/** How many letters beyond ASCII are folded: D1 refuses expressions of a depth of 100. SQLite itself folds none. */
const MAX_LETTERS = 64

type Values = Slots<SearchValues>

const letter = (index: number, size: 0 | 1) => sql`coalesce(letters ->> ${sql.raw(`'$[${index}][${size}]'`)}, '')`

/** Selects the fold of `text` as `whole`. The letters are bound once: each parameter of a statement counts towards D1's 100. */
const selectFolded = (v: Values, text: SQL) => {
  const folded = Array.from({ length: MAX_LETTERS }, (_, index) => index).reduce(
    (replaced, index) => sql`replace(${replaced}, ${letter(index, 0)}, ${letter(index, 1)})`,
    sql`upper(${text})`,
  )
  return sql`select ${folded} as whole from (select ${v.letters} as letters)`
}

/** A condition for the rows that a search of a kind finds in `columns`. */
export function searchIn(columns: readonly SQLiteColumn[]): (v: Values, kind: Search['kind']) => SQL {
  // LIKE makes no copies: among 100,000 users this takes 35 ms, looking into folded texts 55.
  const like = (v: Values) =>
    sql.join(
      columns.map((column) => sql`${column} like ${v.pattern} escape '\\'`),
      sql` or `,
    )
  const text = sql.join(
    columns.map((column) => sql`coalesce(${column}, '')`),
    sql` || char(10) || `,
  )
  return (v, kind) =>
    kind === 'exact'
      ? sql`(${like(v)})`
      : sql`(${like(v)}) and (
        select instr(whole, ${v.term}) > 0 or instr(whole, ${v.decomposed}) > 0 or instr(${text}, ${v.written}) > 0
        from (${selectFolded(v, text)}))`
}

/** A condition for a text that begins with the term by the fold. */
export const beginsWith = (v: Values, text: SQL) => sql`(
  select instr(whole, ${v.term}) = 1 or instr(whole, ${v.decomposed}) = 1 or instr(${text}, ${v.written}) = 1
  from (${selectFolded(v, text)}))`

/** @param written what the client searches for; not empty */
export function searchFor(written: string): Search {
  const term = foldName(written)
  const decomposed = term.normalize('NFD')
  const beyond = [...new Set([...term, ...decomposed])].filter((character) => character > '\x7f')
  const spelled = beyond.map((character) => spellingsOf(character).map((other) => [other, character]))
  // Small letters first, in case that there are too many.
  const letters = [
    ...spelled.flatMap(([small]) => (small ? [small] : [])),
    ...spelled.flatMap(([, ...others]) => others),
  ]
  const values = { term, decomposed, written, letters: JSON.stringify(letters.slice(0, MAX_LETTERS)) }
  // LIKE reads a pattern up to a NUL.
  let [inside, kind]: [string, Search['kind']] = ['', term.includes('\0') ? 'inexact' : 'exact']
  for (const character of term) {
    const piece = wildcardFor(character) ?? character.replace(/[%_\\]/, '\\$&')
    if (wildcardFor(character)) kind = 'inexact'
    if (encoder.encode(`%${inside}${piece}%`).length > MAX_PATTERN) {
      return { kind: 'inexact', pattern: `%${inside}%`, ...values }
    }
    inside += piece
  }
  return { kind, pattern: `%${inside}%`, ...values }
}

/** What stands in a pattern for a character that LIKE would find in one of its spellings alone. */
function wildcardFor(character: string): string | undefined {
  if (character <= '\x7f') return undefined
  if (character.normalize('NFD') !== character) return '%'
  return spellingsOf(character).length > 0 ? '_' : undefined
}

const encoder = new TextEncoder()
