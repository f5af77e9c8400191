// Lets other requests of the isolate in between two pieces of long work: without a timer they wait until all of it is done.

/** So many entries of a document are worked on in one piece, which takes some milliseconds. */
export const PIECE = 1000

/** Behind one timer a request is read, and its call of the database begun; behind two it is answered. */
async function turns() {
  await scheduler.wait(0)
  await scheduler.wait(0)
}

/** @param entries how many of a document are worked on */
export const letOthersIn = (entries: number) => (entries > PIECE ? turns() : undefined)

/** As `Array.map`, in pieces. */
export async function mapInPieces<Item, Mapped>(
  items: readonly Item[],
  map: (item: Item, index: number) => Mapped,
): Promise<Mapped[]> {
  const mapped: Mapped[] = []
  for (let from = 0; from < items.length; from += PIECE) {
    mapped.push(...items.slice(from, from + PIECE).map((item, index) => map(item, from + index)))
    await letOthersIn(items.length)
  }
  return mapped
}
