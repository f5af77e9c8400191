// Parses a long JSON text in pieces. Other requests of the isolate are let in between: else they wait until all of it is parsed.
import { letOthersIn } from './let-others-in.ts'

/** The least that a piece has. In UTF-16 units: it is parsed in a few milliseconds. */
const PIECE_LENGTH = 500_000

const [QUOTE, COMMA, BACKSLASH, OPEN, CLOSE, BEGIN, END] = Array.from('",\\[]{}', (character) =>
  character.charCodeAt(0),
)

/** A list that was cut out of the text, whose items were parsed by themselves. */
type Lists = Map<string, unknown[]>

/**
 * What JSON.parse returns for the text.
 * @param length the least that a piece has, in UTF-16 units
 * @throws SyntaxError as JSON.parse does
 */
export async function parseInPieces(text: string, length = PIECE_LENGTH): Promise<unknown> {
  if (text.length <= length) return JSON.parse(text)
  const parts = await cutOut(text, length)
  return parts ? putBack(JSON.parse(parts.rest), parts.lists) : JSON.parse(text)
}

/**
 * Cuts the items of long lists out of a text: of those that are in objects alone, as a document's are. What is left has a name in
 * each one's place. Undefined where any part by itself is not JSON: where all of them are, the text as a whole is.
 */
async function cutOut(text: string, length: number): Promise<{ rest: string; lists: Lists } | undefined> {
  const lists: Lists = new Map()
  const mark = crypto.randomUUID()
  const rest: string[] = []
  /** What is in `rest` up to here. */
  let copied = 0
  let at = 0
  while (at < text.length) {
    const begin = listFrom(text, at)
    if (begin === undefined) break
    const found: unknown[] = []
    let from = begin
    for (let isOver = false; !isOver; ) {
      const end = endOfPiece(text, from, length)
      if (end === undefined) return undefined
      isOver = text.charCodeAt(end) === CLOSE
      at = end
      // A list that is shorter than a piece stays where it is.
      if (isOver && from === begin) break
      await letOthersIn()
      const items = itemsIn(text.slice(from, end))
      if (!items) return undefined
      for (const item of items) found.push(item)
      from = end + 1
    }
    if (from === begin) continue
    const name = `${mark} ${lists.size}`
    lists.set(name, found)
    rest.push(text.slice(copied, begin), JSON.stringify(name))
    copied = at
  }
  return { rest: rest.join('') + text.slice(copied), lists }
}

/** The items of a list without its brackets; undefined if they are no JSON, or none. */
function itemsIn(text: string): unknown[] | undefined {
  try {
    const items: unknown = JSON.parse(`[${text}]`)
    return Array.isArray(items) && items.length > 0 ? items : undefined
  } catch {
    return undefined
  }
}

/** The place behind the `[` of the next list. */
function listFrom(text: string, from: number): number | undefined {
  for (let at = from; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    if (unit === QUOTE) at = endOfString(text, at)
    else if (unit === OPEN) return at + 1
  }
  return undefined
}

/** The place of the first comma between items of a list behind a piece's length, or of the list's `]`; undefined if there is none. */
function endOfPiece(text: string, from: number, length: number): number | undefined {
  let depth = 0
  for (let at = from; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    if (unit === QUOTE) at = endOfString(text, at)
    else if (unit === OPEN || unit === BEGIN) depth++
    else if (unit === END || (unit === CLOSE && depth > 0)) depth--
    else if (unit === CLOSE || (unit === COMMA && depth === 0 && at - from >= length)) return at
  }
  return undefined
}

/** The place of the quote that ends the string which begins at `begin`; the end of the text if there is none. */
function endOfString(text: string, begin: number): number {
  for (let end = text.indexOf('"', begin + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let backslashes = 0
    while (text.charCodeAt(end - 1 - backslashes) === BACKSLASH) backslashes++
    if (backslashes % 2 === 0) return end
  }
  return text.length
}

/** Puts the items of lists back in the places of their names. */
function putBack(value: unknown, lists: Lists): unknown {
  if (Array.isArray(value)) {
    const [name] = value
    const items = typeof name === 'string' ? lists.get(name) : undefined
    if (items) value.splice(0, 1)
    for (const item of items ?? []) value.push(item)
  } else if (typeof value === 'object' && value !== null) {
    for (const inner of Object.values(value)) putBack(inner, lists)
  }
  return value
}
