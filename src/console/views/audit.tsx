// What was asked of the control plane, newest first.
import { useEffect, useState } from 'preact/hooks'
import { control } from '../calls.ts'
import { Field } from '../parts/field.tsx'
import { Hint, Problem } from '../parts/notice.tsx'
import { PAGE_SIZE, Pager } from '../parts/pager.tsx'
import { Table } from '../parts/table.tsx'
import { localTime } from '../parts/time.ts'

interface AuditedCall {
  readonly number: number
  readonly at: string
  readonly operation: string | null
  readonly method: string
  readonly tenant: string | null
  readonly tenantName: string | null
  readonly subject: string | null
  readonly key: string | null
  readonly team: string | null
  readonly status: number
}

type Found = { results: AuditedCall[]; next: number | null }

export function Audit() {
  const [calls, setCalls] = useState<readonly AuditedCall[]>()
  const [next, setNext] = useState<number | null>(null)
  const [error, setError] = useState<unknown>()
  const [search, setSearch] = useState('')
  const [skip, setSkip] = useState(0)
  const read = async (before: number | null) => {
    try {
      const page = await control<Found>('GET', `/audit?limit=1000${before === null ? '' : `&before=${before}`}`)
      setCalls((known = []) => (before === null ? page.results : [...known, ...page.results]))
      setNext(page.next)
      setError(undefined)
    } catch (reason) {
      setError(reason)
    }
  }
  useEffect(() => {
    read(null)
  }, [])
  const found = calls?.filter((call) => textOf(call).includes(search.toLowerCase())) ?? []
  return (
    <>
      <h1>Audit</h1>
      <div class="row">
        <Field label="Search" type="search" value={search} onInput={(text) => [setSearch(text), setSkip(0)]} />
        <button type="button" onClick={() => [setSkip(0), read(null)]}>
          Load again
        </button>
        {next !== null && (
          <button type="button" onClick={() => read(next)}>
            Load older ones
          </button>
        )}
      </div>
      <Problem error={error} />
      {calls && found.length === 0 && <Hint>There is none.</Hint>}
      {found.length > 0 && <CallTable calls={found.slice(skip, skip + PAGE_SIZE)} />}
      <Pager skip={skip} total={found.length} onSkip={setSkip} />
    </>
  )
}

const textOf = ({ operation, method, tenant, tenantName, subject, key, team, status }: AuditedCall) =>
  [operation, method, tenant, tenantName, subject, key, team, status].join(' ').toLowerCase()

const CallTable = ({ calls }: { calls: readonly AuditedCall[] }) => (
  <Table
    head={['Time', 'Operation', 'About', 'With', 'Team', 'Status']}
    rows={calls.map((call) => ({
      key: `${call.team} ${call.number}`,
      cells: [
        localTime(call.at),
        call.operation ?? call.method,
        call.subject ?? call.tenantName ?? call.tenant,
        call.key ?? 'no key',
        call.team,
        <b key="status" class={call.status < 400 ? 'good' : 'bad'}>
          {call.status}
        </b>,
      ],
    }))}
  />
)
