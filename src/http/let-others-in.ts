// Lets other requests of the isolate in between two pieces of long work: without a timer they wait until all of it is done.
// Several that are long take turns: pieces of one in the pauses of another would leave none for the rest.
import { MemoryOfOne } from './isolate-memory.ts'

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

/** Long work that waits for its next piece. */
interface Waiting {
  /** How many pieces there had been, of all long work, when it last looked. */
  pieces: number
  /** How many timers it has set and seen run off since the last of them. */
  timers: number
  /** When it last looked. In milliseconds since the epoch. */
  seen: number
}

/** In milliseconds. Long work that does not look for so long is over: its request was cancelled. */
const GIVEN_UP = 1000

class Turns {
  /** How many pieces there were. */
  pieces = 0
  /** Whose turn it is comes first. */
  #waiting: Waiting[] = []

  /** Whether the next piece is the one of `own`, and the others have been let in. */
  take(own: Waiting, isQuiet: boolean): boolean {
    own.seen = Date.now()
    own.timers = own.pieces === this.pieces ? own.timers + 1 : 0
    own.pieces = this.pieces
    this.#waiting = this.#waiting.filter(({ seen }) => own.seen - seen < GIVEN_UP)
    if (!this.#waiting.includes(own)) this.#waiting.push(own)
    const needed = isQuiet && this.#waiting.length === 1 ? 1 : 2
    if (this.#waiting[0] !== own || own.timers < needed) return false
    this.#waiting.shift()
    this.pieces++
    return true
  }
}

const memory = new MemoryOfOne<Turns>('turns')

/**
 * Resolves when other requests have been let in, and the next piece is this work's. Behind one timer a request is read, and its
 * call of the database begun; behind two it is answered.
 * @param look called behind each timer. Whether nobody else has called: then one is enough
 */
export async function letOthersIn(look = () => false): Promise<void> {
  memory.value ??= new Turns()
  const turns = memory.value
  const own: Waiting = { pieces: turns.pieces, timers: 0, seen: 0 }
  do await timer()
  while (!turns.take(own, look()))
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
