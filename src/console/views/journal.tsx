// The requests of a tenant as they come: what was asked, what was answered, and why it was refused.
import { useState } from 'preact/hooks'
import type { JournalEntry } from '../../node/library/journal-entry.ts'
import { control, under } from '../calls.ts'
import { Check, Choice, Field } from '../parts/field.tsx'
import { Hint, Problem } from '../parts/notice.tsx'
import { PAGE_SIZE, Pager } from '../parts/pager.tsx'
import { localTime } from '../parts/time.ts'
import { useJournal } from '../parts/use-journal.ts'
import { Entry } from './entry.tsx'
import type { PageProps } from './tenant.tsx'

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
  const [ofOthers, setOfOthers] = useState(false)
  const [skip, setSkip] = useState(0)
  const [open, setOpen] = useState<JournalEntry>()
  const found = entries?.filter((entry) => matches(entry, search, status) && !(ofOthers && isOwn(entry))) ?? []
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
      <Check
        label="Leave out what this browser has asked"
        checked={ofOthers}
        onInput={(chosen) => [setOfOthers(chosen), setSkip(0)]}
      />
      <Problem error={error} />
      {entries && found.length === 0 && <Hint>No request yet. They appear as they come.</Hint>}
      <div class="split">
        {found.length > 0 && (
          <EntryTable tenant={tenant} entries={found.slice(skip, skip + PAGE_SIZE)} open={open} onOpen={setOpen} />
        )}
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

/** Whether a request came from this browser, as those of the console do. */
const isOwn = ({ headers }: JournalEntry) => headers['user-agent'] === navigator.userAgent

interface TableProps extends PageProps {
  entries: readonly JournalEntry[]
  open: JournalEntry | undefined
  onOpen: (entry: JournalEntry) => void
}

const EntryTable = ({ tenant, entries, open, onOpen }: TableProps) => (
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
                {entry.method} {entry.path.replace(`/${tenant.name}/`, '/')}
              </button>
            </td>
            <td class={entry.status < 400 ? 'good' : 'bad'}>{entry.status}</td>
          </tr>
        ))}
      </tbody>
    </table>
  </div>
)
