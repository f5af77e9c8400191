// Refuses a document that has one name or id twice, with the place of each. The database would refuse it too, but names only
// its own columns.
import { foldId } from '../http/identifier.ts'
import { inPieces } from '../http/let-others-in.ts'

/** A document contradicts itself, or refers to something, such as a member of a group, that is not in it. */
export class Contradiction extends Error {}

/** A name or id, and where in the document it stands; left out, none. */
type Placed = readonly [place: string, text: string | null | undefined]

/** The values of a property of a list's entries. */
export const placed = <Name extends string>(
  list: string,
  entries: readonly { readonly [Property in Name]?: string | null | undefined }[],
  property: Name,
): Placed[] => entries.map((entry, index) => [`${list}[${index}].${property}`, entry[property]])

/**
 * Looks for them in pieces, between which others are let in.
 * @param keyOf what counts as equal: by default what the database does for ids and names, which have any case of ASCII letters
 * @throws Contradiction naming the first that is there already, and the one before it
 * @example
 * await requireDistinct(placed('users', users, 'userName')) // users[1].userName "x" stands twice: users[0].userName is "X".
 */
export async function requireDistinct(
  all: readonly Placed[],
  keyOf: (text: string, index: number) => string = foldId,
): Promise<void> {
  const seen = new Map<string, Placed>()
  for await (const { from, items } of inPieces(all)) requireNew(items, seen, (text, index) => keyOf(text, from + index))
}

function requireNew(
  some: readonly Placed[],
  seen: Map<string, Placed>,
  keyOf: (text: string, index: number) => string,
) {
  for (const [index, one] of some.entries()) {
    const [place, text] = one
    if (!text) continue
    const key = keyOf(text, index)
    const before = seen.get(key)
    if (before) {
      const [there, other] = before
      throw new Contradiction(`${place} ${JSON.stringify(text)} stands twice: ${there} is ${JSON.stringify(other)}.`)
    }
    seen.set(key, one)
  }
}

/** For texts that are equal only letter by letter. */
export const asItIs = (text: string) => text
