// The requests of a tenant as they come: what was asked, what was answered, and why it was refused.
import { useEffect, useRef, useState } from 'preact/hooks'
import type { JournalEntry } from '../../node/library/journal-entry.ts'
import { control, curlOf, Refused, send, under } from '../calls.ts'
import { Copy } from '../parts/copy.tsx'
import { Choice, Field } from '../parts/field.tsx'
import { Hint, Problem } from '../parts/notice.tsx'
import { PAGE_SIZE, Pager } from '../parts/pager.tsx'
import { localTime } from '../parts/time.ts'
import { ArmFault } from './arm-fault.tsx'
import type { PageProps } from './tenant.tsx'

type Found = { results: JournalEntry[]; count: number }

/** The most entries that the server keeps. */
const MAX_ENTRIES = 1000

/** Seconds that one call waits for the next request, within what proxies allow. */
const WAIT_SECONDS = 25

/** The journal's entries, newest first, as they come. */
function useJournal(tenant: string) {
  const [entries, setEntries] = useState<readonly JournalEntry[]>()
  const [error, setError] = useState<unknown>()
  const [round, setRound] = useState(0)
  useEffect(() => {
    const stop = new AbortController()
    follow(tenant, stop.signal, (more) =>
      setEntries((before = []) => [...more.toReversed(), ...before].slice(0, MAX_ENTRIES)),
    ).catch((reason) => stop.signal.aborted || setError(reason))
    return () => {
      stop.abort()
      setEntries(undefined)
    }
  }, [tenant, round])
  return { entries, error, again: () => setRound((before) => before + 1) }
}

async function follow(tenant: string, signal: AbortSignal, onEntries: (entries: readonly JournalEntry[]) => void) {
  let { results } = await control<Found>('GET', `${under(tenant, 'journal')}?limit=${MAX_ENTRIES}`, undefined, signal)
  let since = 0
  for (;;) {
    if (signal.aborted) return
    onEntries(results)
    since = results.at(-1)?.number ?? since
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

const STATUSES = [
  ['', 'any'],
  ['2', 'answered (2xx)'],
  ['4', 'refused (4xx)'],
  ['5', 'failed (5xx)'],
] as const

export function Journal({ tenant }: PageProps) {
  const { entries, error, again } = useJournal(tenant.id)
  const [search, setSearch] = useState('')
  const [status, setStatus] = useState('')
  const [skip, setSkip] = useState(0)
  const [open, setOpen] = useState<JournalEntry>()
  const found = entries?.filter((entry) => matches(entry, search, status)) ?? []
  const switchOn = () => control('PUT', under(tenant.id, 'journal'), { enabled: true })
  const clear = async () => {
    await control('DELETE', under(tenant.id, 'journal'))
    setOpen(undefined)
    again()
  }
  return (
    <>
      <div class="row">
        <Field label="Search" type="search" value={search} onInput={(text) => [setSearch(text), setSkip(0)]} />
        <Choice label="Status" value={status} options={STATUSES} onInput={(text) => [setStatus(text), setSkip(0)]} />
        <button type="button" onClick={switchOn}>
          Write requests down
        </button>
        <button type="button" onClick={clear}>
          Clear
        </button>
      </div>
      <Problem error={error} />
      {entries && found.length === 0 && <Hint>No request yet. They appear as they come.</Hint>}
      <div class="split">
        {found.length > 0 && <EntryTable entries={found.slice(skip, skip + PAGE_SIZE)} open={open} onOpen={setOpen} />}
        {open && <Entry key={open.number} entry={open} tenant={tenant} onClose={() => setOpen(undefined)} />}
      </div>
      <Pager skip={skip} total={found.length} onSkip={setSkip} />
    </>
  )
}

function matches({ method, path, operation, status, principal }: JournalEntry, search: string, digit: string): boolean {
  const text = `${method} ${path} ${operation} ${status} ${principal.clientId} ${principal.userId}`.toLowerCase()
  return String(status).startsWith(digit) && text.includes(search.toLowerCase())
}

interface TableProps {
  entries: readonly JournalEntry[]
  open: JournalEntry | undefined
  onOpen: (entry: JournalEntry) => void
}

const EntryTable = ({ entries, open, onOpen }: TableProps) => (
  <div class="scroll" aria-live="polite" aria-relevant="additions">
    <table>
      <thead>
        <tr>
          <th scope="col">No.</th>
          <th scope="col">Time</th>
          <th scope="col">Request</th>
          <th scope="col">Status</th>
        </tr>
      </thead>
      <tbody>
        {entries.map((entry) => (
          <tr key={entry.number} class={entry === open ? 'open' : ''}>
            <td>{entry.number}</td>
            <td>{localTime(entry.time)}</td>
            <td>
              <button type="button" class="link" aria-expanded={entry === open} onClick={() => onOpen(entry)}>
                {entry.method} {entry.path}
              </button>
            </td>
            <td class={entry.status < 400 ? 'good' : 'bad'}>{entry.status}</td>
          </tr>
        ))}
      </tbody>
    </table>
  </div>
)

function Entry({ entry, tenant, onClose }: PageProps & { entry: JournalEntry; onClose: () => void }) {
  const heading = useRef<HTMLHeadingElement>(null)
  const [arming, setArming] = useState(false)
  const [replayed, setReplayed] = useState<string>()
  useEffect(() => heading.current?.focus(), [])
  const call = { method: entry.method, path: entry.path, ...(entry.request == null ? {} : { json: entry.request }) }
  const replay = async () => {
    const { token } = await control<{ token: string }>('POST', under(tenant.id, 'tokens'), {})
    const status = await send(call, token, 'TOKEN').then(
      (response) => `${response.status}`,
      (error: unknown) => (error instanceof Refused ? `${error.status}: ${error.message}` : String(error)),
    )
    setReplayed(status)
  }
  return (
    <section class="card entry" aria-label={`Request ${entry.number}`}>
      <h2 ref={heading} tabIndex={-1}>
        {entry.method} {entry.path}
      </h2>
      <div class="row">
        <button type="button" onClick={replay}>
          Replay
        </button>
        <button type="button" onClick={() => setArming(true)}>
          Make a fault of it
        </button>
        <Copy text={curlOf(call, 'TOKEN')} label="Copy as curl" />
        <button type="button" onClick={onClose}>
          Close
        </button>
      </div>
      {replayed && <p role="status">Replayed: {replayed}</p>}
      <dl>
        <dt>Answer</dt>
        <dd>
          <b class={entry.status < 400 ? 'good' : 'bad'}>{entry.status}</b> after {entry.durationMs} ms
        </dd>
        <dt>Operation</dt>
        <dd>{entry.operation ?? 'none: the path is not served'}</dd>
        <dt>Client</dt>
        <dd>{entry.principal.clientId ?? 'none'}</dd>
        <dt>User</dt>
        <dd>{entry.principal.userId ?? 'none'}</dd>
      </dl>
      <Body title="Request" body={entry.request} />
      <Body title="Answer" body={entry.response} />
      {arming && <ArmFault tenant={tenant} like={entry} onClose={() => setArming(false)} />}
    </section>
  )
}

const Body = ({ title, body }: { title: string; body: unknown }) =>
  body == null ? null : (
    <>
      <h3>{title}</h3>
      <pre>{typeof body === 'string' ? body : JSON.stringify(body, undefined, 2)}</pre>
    </>
  )
