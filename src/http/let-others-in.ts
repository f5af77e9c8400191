// Lets other requests of the isolate in between two pieces of long work: without a timer they wait until all of it is done.

/** So many entries of a document are worked on in one piece, which takes some milliseconds. */
export const PIECE = 1000

/** Some of the items of a list that follow one another. */
export interface Piece<Item> {
  /** The place of the first. */
  readonly from: number
  readonly items: readonly Item[]
}

// Node, which seeds databases by this too, has no `scheduler`.
const timer = () => new Promise<void>((resolve) => setTimeout(resolve, 0))

/** Behind one timer a request is read, and its call of the database begun; behind two it is answered. */
export async function letOthersIn(): Promise<void> {
  await timer()
  await timer()
}

/**
 * The items of a list in pieces, between which others are let in.
 * @param weightOf for how many entries of a document an item counts
 * @example
 * for await (const { from, items } of inPieces(users)) items.forEach((user, index) => check(user, from + index))
 */
export async function* inPieces<Item>(
  items: readonly Item[],
  weightOf: (item: Item) => number = () => 1,
): AsyncGenerator<Piece<Item>, void, undefined> {
  let from = 0
  let weight = 0
  for (const [at, item] of items.entries()) {
    if (weight >= PIECE) {
      yield { from, items: items.slice(from, at) }
      await letOthersIn()
      from = at
      weight = 0
    }
    weight += weightOf(item)
  }
  if (items.length > 0) yield { from, items: items.slice(from) }
}

/** As `Array.map`, in pieces. */
export async function mapInPieces<Item, Mapped>(
  items: readonly Item[],
  map: (item: Item, index: number) => Mapped | Promise<Mapped>,
  weightOf?: (item: Item) => number,
): Promise<Mapped[]> {
  const mapped: Mapped[] = []
  for await (const { from, items: piece } of inPieces(items, weightOf)) {
    mapped.push(...(await Promise.all(piece.map((item, index) => map(item, from + index)))))
  }
  return mapped
}
