// The journal of a tenant as it fills.
import { useEffect, useState } from 'preact/hooks'
import type { JournalEntry } from '../../node/library/journal-entry.ts'
import { control, Refused, under } from '../calls.ts'

type Found = { results: JournalEntry[]; count: number }

/** The most entries that the server keeps. */
const MAX_ENTRIES = 1000

/** Seconds that one call waits for the next request, within what proxies allow. */
const WAIT_SECONDS = 25

/** The journal's entries, newest first, as they come. */
export function useJournal(tenant: string) {
  const [entries, setEntries] = useState<readonly JournalEntry[]>()
  const [error, setError] = useState<unknown>()
  const [round, setRound] = useState(0)
  useEffect(() => {
    const stop = new AbortController()
    follow(tenant, stop.signal, (more) => setEntries((before = []) => joined(before, more))).catch(
      (reason) => stop.signal.aborted || setError(reason),
    )
    return () => {
      stop.abort()
      setEntries(undefined)
    }
  }, [tenant, round])
  return { entries, error, again: () => setRound((before) => before + 1) }
}

/** Both, newest first, each entry once. What stands in the journal longest is given up first, as the server does. */
function joined(before: readonly JournalEntry[], more: readonly JournalEntry[]): readonly JournalEntry[] {
  const known = new Set(before.map(({ number }) => number))
  const all = [...before, ...more.filter(({ number }) => !known.has(number))]
  return all.sort((one, other) => other.number - one.number).slice(0, MAX_ENTRIES)
}

/**
 * Entries of one call: with the longest bodies these are some megabytes. A thousand at once are more than the database
 * hands over.
 */
const PAGE = 100

async function follow(tenant: string, signal: AbortSignal, onEntries: (entries: readonly JournalEntry[]) => void) {
  const read = async (before: string) =>
    (await control<Found>('GET', `${under(tenant, 'journal')}?limit=${PAGE}${before}`, undefined, signal)).results
  const newest = await read('')
  let since = newest.at(-1)?.number ?? 0
  let older = newest
  while (older.length === PAGE && !signal.aborted) {
    onEntries(older)
    older = await read(`&before=${older[0]?.number}`)
  }
  let results = older
  for (;;) {
    if (signal.aborted) return
    onEntries(results)
    since = Math.max(since, results.at(-1)?.number ?? 0)
    results = await next(tenant, since, signal)
  }
}

/** The requests after the one of that number; none if there were none for a while. */
async function next(tenant: string, since: number, signal: AbortSignal): Promise<JournalEntry[]> {
  const path = `${under(tenant, 'journal', 'wait')}?since=${since}&timeout=${WAIT_SECONDS}`
  try {
    return (await control<Found>('GET', path, undefined, signal)).results
  } catch (error) {
    if (error instanceof Refused && error.status === 408) return []
    throw error
  }
}
