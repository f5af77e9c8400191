// Keys of teams: what each may hold and holds; made and revoked with the control token.
import { useState } from 'preact/hooks'
import { mayCall } from '../access.ts'
import { control } from '../calls.ts'
import { Dialog } from '../parts/dialog.tsx'
import { Field } from '../parts/field.tsx'
import { Listing, useListing } from '../parts/listing.tsx'
import { PAGE_SIZE } from '../parts/pager.tsx'
import { Secrets } from '../parts/secrets.tsx'
import { Table } from '../parts/table.tsx'
import { localTime } from '../parts/time.ts'
import { useLoad } from '../parts/use-load.ts'

interface Limits {
  readonly tenants: number
  readonly rows: number
  readonly rowsAtOnce: number
  readonly ttl: number
}

interface Key {
  readonly id: string
  readonly team: string
  readonly createdAt: string
  readonly expiresAt: string | null
  readonly limits: Limits
  readonly usage: { readonly tenants: number; readonly rows: number; readonly requests: number }
}

type MadeKey = Key & { readonly key: string }

type Asked = { is: 'make' } | { is: 'revoke'; key: Key }

export function Keys({ apiKey }: { apiKey: string }) {
  const { value, error, reload } = useLoad(() => control<{ results: Key[] }>('GET', '/keys'), [])
  const { list, asked, setAsked, closeAnd } = useListing<Asked>()
  const { search, skip } = list
  const [made, setMade] = useState<MadeKey>()
  const found = value?.results.filter(({ id, team }) => `${id} ${team}`.includes(search.toLowerCase())) ?? []
  const close = closeAnd(reload)
  const onRevoke = mayCall(apiKey, 'revokeKey') ? (key: Key) => setAsked({ is: 'revoke', key }) : undefined
  return (
    <>
      <h1>Keys of teams</h1>
      <Listing
        {...list}
        error={error}
        make="New key"
        onMake={mayCall(apiKey, 'createKey') ? () => setAsked({ is: 'make' }) : undefined}
        total={value && found.length}
      >
        <KeyTable keys={found.slice(skip, skip + PAGE_SIZE)} onRevoke={onRevoke} />
      </Listing>
      {made && (
        <Secrets title={`Key of ${made.team}`} secrets={[[made.id, made.key]]} onClose={() => setMade(undefined)} />
      )}
      {asked?.is === 'make' && <MakeKey onClose={close} onMade={setMade} />}
      {asked?.is === 'revoke' && (
        <Dialog
          title={`Revoke ${asked.key.id} of ${asked.key.team}?`}
          action="Revoke"
          danger
          onClose={close}
          onSubmit={() => control('DELETE', `/keys/${asked.key.id}`)}
        >
          <p>It ends at once, with the keys of the tenants that were made with it. The tenants stay.</p>
        </Dialog>
      )}
    </>
  )
}

interface TableProps {
  keys: readonly Key[]
  onRevoke: ((key: Key) => void) | undefined
}

const KeyTable = ({ keys, onRevoke }: TableProps) => (
  <Table
    head={['Id', 'Team', 'Made', 'Ends', 'Tenants', 'Rows', 'Requests']}
    rows={keys.map((key) => ({
      key: key.id,
      cells: [
        <code key="id">{key.id}</code>,
        key.team,
        localTime(key.createdAt),
        localTime(key.expiresAt),
        `${key.usage.tenants} of ${key.limits.tenants}`,
        `${key.usage.rows}; ${key.limits.rows} a tenant`,
        key.usage.requests,
      ],
      actions: onRevoke ? [{ text: 'Revoke', to: key.id, danger: true, onClick: () => onRevoke(key) }] : [],
    }))}
  />
)

const LIMITS = [
  ['tenants', 'Tenants at a time', '100'],
  ['rows', 'Rows of each', '100000'],
  ['rowsAtOnce', 'Rows that one request writes', '20000'],
  ['ttl', 'Longest time to live, in seconds', '604800'],
] as const

function MakeKey({ onClose, onMade }: { onClose: () => void; onMade: (key: MadeKey) => void }) {
  const [team, setTeam] = useState('')
  const [days, setDays] = useState('90')
  const [limits, setLimits] = useState<Readonly<Record<string, string>>>({})
  const submit = async () => {
    const given = LIMITS.map(([name, , usual]) => [name, Number(limits[name] ?? usual)] as const)
    const json = { team, expiresIn: Number(days) * 86_400, limits: Object.fromEntries(given) }
    onMade(await control<MadeKey>('POST', '/keys', json))
  }
  return (
    <Dialog title="New key" action="Make it" onClose={onClose} onSubmit={submit}>
      <Field label="Team" value={team} onInput={setTeam} required hint="Keys of one team reach the same tenants." />
      <Field label="Days until it ends" type="number" value={days} onInput={setDays} required />
      {LIMITS.map(([name, label, usual]) => (
        <Field
          key={name}
          label={label}
          type="number"
          value={limits[name] ?? usual}
          onInput={(text) => setLimits((before) => ({ ...before, [name]: text }))}
          required
        />
      ))}
    </Dialog>
  )
}
