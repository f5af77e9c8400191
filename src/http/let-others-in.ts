// Lets other requests of the isolate in between two pieces of long work: without a timer they wait until all of it is done.

/** Fewer entries of a document are worked on in one piece, which takes some milliseconds. */
const MANY = 1000

/** @param entries how many of a document are worked on, about */
export const letOthersIn = (entries: number) => (entries > MANY ? scheduler.wait(0) : undefined)
