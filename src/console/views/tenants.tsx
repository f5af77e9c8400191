// All tenants: made, forked, reset, ended.
import { useEffect, useState } from 'preact/hooks'
import type { TenantDescription, TenantSummary } from '../../node/library/wire.ts'
import { control, under } from '../calls.ts'
import { Dialog } from '../parts/dialog.tsx'
import { Check, Field } from '../parts/field.tsx'
import { Hint, Problem } from '../parts/notice.tsx'
import { localTime, timeLeft } from '../parts/time.ts'
import { useLoad } from '../parts/use-load.ts'
import { addressOf } from '../place.ts'
import { Made } from './made.tsx'

type Asked = { is: 'make' } | { is: 'fork' | 'reset' | 'end'; tenant: TenantSummary }

export function Tenants() {
  const [asked, setAsked] = useState<Asked>()
  const [made, setMade] = useState<TenantDescription>()
  const [search, setSearch] = useState('')
  const { value, error, reload } = useLoad(() => control<{ results: TenantSummary[] }>('GET', '/tenants?all=true'), [])
  const tenants = value?.results.filter(({ name, id }) => `${name} ${id}`.toLowerCase().includes(search.toLowerCase()))
  const close = () => setAsked(undefined)
  return (
    <>
      <div class="row">
        <h1>Tenants</h1>
        <button type="button" class="primary" onClick={() => setAsked({ is: 'make' })}>
          New tenant
        </button>
      </div>
      <Field label="Search" type="search" value={search} onInput={setSearch} />
      <Problem error={error} />
      {made && <Made tenant={made} onClose={() => setMade(undefined)} />}
      {tenants && <TenantTable tenants={tenants} onAsk={setAsked} />}
      {asked?.is === 'make' && (
        <MakeTenant title="New tenant" onClose={close} onMade={(tenant) => [setMade(tenant), reload()]} />
      )}
      {asked?.is === 'fork' && (
        <MakeTenant
          title={`Fork ${asked.tenant.name}`}
          source={asked.tenant.id}
          onClose={close}
          onMade={(tenant) => [setMade(tenant), reload()]}
        />
      )}
      {asked?.is === 'reset' && <ResetTenant tenant={asked.tenant} onClose={close} />}
      {asked?.is === 'end' && <EndTenant tenant={asked.tenant} onClose={close} onEnd={reload} />}
    </>
  )
}

function TenantTable({ tenants, onAsk }: { tenants: readonly TenantSummary[]; onAsk: (asked: Asked) => void }) {
  const [now, setNow] = useState(Date.now)
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000)
    return () => clearInterval(timer)
  }, [])
  if (tenants.length === 0) return <Hint>There is none.</Hint>
  return (
    <div class="scroll">
      <table>
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">Partition</th>
            <th scope="col">Made</th>
            <th scope="col">Time left</th>
            <th scope="col">Actions</th>
          </tr>
        </thead>
        <tbody>
          {tenants.map((tenant) => (
            <tr key={tenant.id}>
              <th scope="row">
                <a href={addressOf(tenant.name)}>{tenant.name}</a>
              </th>
              <td>
                <code>{tenant.id}</code>
              </td>
              <td>{tenant.createdAt === null ? 'seeded' : localTime(tenant.createdAt)}</td>
              <td>{timeLeft(tenant.expiresAt, now)}</td>
              <td class="actions">
                <button type="button" class="small" onClick={() => onAsk({ is: 'fork', tenant })}>
                  Fork<span class="hidden"> {tenant.name}</span>
                </button>
                <button type="button" class="small" onClick={() => onAsk({ is: 'reset', tenant })}>
                  Reset<span class="hidden"> {tenant.name}</span>
                </button>
                {tenant.createdAt !== null && (
                  <button type="button" class="small danger" onClick={() => onAsk({ is: 'end', tenant })}>
                    End<span class="hidden"> {tenant.name}</span>
                  </button>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

interface MakeProps {
  title: string
  /** The tenant to fork; none for one from a document. */
  source?: string
  onClose: () => void
  onMade: (tenant: TenantDescription) => void
}

function MakeTenant({ title, source, onClose, onMade }: MakeProps) {
  const [name, setName] = useState('')
  const [ttl, setTtl] = useState('3600')
  const [seed, setSeed] = useState('')
  const [journal, setJournal] = useState(true)
  const submit = async () => {
    const json = {
      ...(name && { name }),
      ...(ttl && { ttl: Number(ttl) }),
      ...(seed && { seed: JSON.parse(seed) }),
      journal,
      tokens: ['admin'],
    }
    const path = source === undefined ? '/tenants' : under(source, 'fork')
    onMade(await control<TenantDescription>('POST', path, json))
  }
  return (
    <Dialog title={title} action="Make it" onClose={onClose} onSubmit={submit}>
      <Field label="Name" value={name} onInput={setName} hint="As in its address. Made up if it is left out." />
      <Field label="Seconds until it ends" type="number" value={ttl} onInput={setTtl} hint="Left out, it stays." />
      {source === undefined && (
        <Field label="Seed" value={seed} onInput={setSeed} rows={6} hint="A document as JSON. Left out, three users." />
      )}
      <Check label="Write its requests to the journal" checked={journal} onInput={setJournal} />
    </Dialog>
  )
}

const ResetTenant = ({ tenant, onClose }: { tenant: TenantSummary; onClose: () => void }) => (
  <Dialog
    title={`Reset ${tenant.name}?`}
    action="Reset"
    danger
    onClose={onClose}
    onSubmit={() => control('POST', under(tenant.id, 'reset'))}
  >
    <p>Its data goes back to what it began as. Faults, clock and journal are cleared.</p>
  </Dialog>
)

function EndTenant({ tenant, onClose, onEnd }: { tenant: TenantSummary; onClose: () => void; onEnd: () => void }) {
  const submit = async () => {
    await control('DELETE', under(tenant.id))
    onEnd()
  }
  return (
    <Dialog title={`End ${tenant.name}?`} action="End it" danger onClose={onClose} onSubmit={submit}>
      <p>It is removed with all it has.</p>
    </Dialog>
  )
}
