// What was found out about a path, for the requests that ask for it again: clients ask for few paths again and again.
import { BoundedMap } from './bounded-map.ts'

const MAX_PATHS = 1000

/** Longer keys are not remembered. In characters. */
const MAX_LENGTH = 256

/** `find`, which always finds the same for the same key, with a memory. @param find never returns undefined */
export function rememberPaths<Found extends NonNullable<unknown>>(find: (key: string) => Found) {
  const known = new BoundedMap<string, Found>({ entries: MAX_PATHS })
  return (key: string): Found => {
    const before = known.get(key)
    if (before !== undefined) return before
    const found = find(key)
    if (key.length <= MAX_LENGTH) known.set(key, found)
    return found
  }
}
