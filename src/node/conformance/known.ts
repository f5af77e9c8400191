// The divergences that are known, and how they are held to what is found: as an exact set.
import { readFileSync } from 'node:fs'
import { resemblance } from './resemblance.ts'

/** Differences that have one reason. */
interface Group {
  readonly reason: string
  /** Where it is known from. */
  readonly source: string
  readonly differences: readonly string[]
}

/** By title and version of the vendor's document. */
export type Known = Readonly<Record<string, readonly Group[]>>

export const readKnown = (file: string): Known => JSON.parse(readFileSync(file, 'utf8'))

export interface Verdict {
  /** Found, and not listed. */
  readonly fresh: readonly string[]
  /** Listed, and not found any more. */
  readonly closed: readonly string[]
  /** Listed in other words than it is found in. */
  readonly renamed: readonly (readonly [listed: string, found: string])[]
}

/** Holds what was found to what is known. @throws Error for a difference that is listed twice, or without a reason or source */
export function judge(found: readonly string[], known: readonly Group[]): Verdict {
  const listed = new Set<string>()
  for (const { reason, source, differences } of known) {
    if (!reason || !source) throw new Error(`a divergence has no reason or no source: ${differences[0]}`)
    for (const difference of differences) {
      if (listed.has(difference)) throw new Error(`a divergence is listed twice: ${difference}`)
      listed.add(difference)
    }
  }
  const fresh = new Set(found.filter((difference) => !listed.has(difference)))
  const closed = new Set([...listed].filter((difference) => !found.includes(difference)))
  const renamed: [string, string][] = []
  for (const difference of closed) {
    const other = resemblance(difference, [...fresh])
    if (other === undefined) continue
    renamed.push([difference, other])
    closed.delete(difference)
    fresh.delete(other)
  }
  return { fresh: [...fresh], closed: [...closed], renamed }
}
