// All tenants: made, forked, reset, ended.
import { useEffect, useState } from 'preact/hooks'
import type { TenantDescription, TenantSummary } from '../../node/library/wire.ts'
import { kindOf, mayCall } from '../access.ts'
import { control, under } from '../calls.ts'
import { Dialog } from '../parts/dialog.tsx'
import { Check, Field } from '../parts/field.tsx'
import { Listing, useListing } from '../parts/listing.tsx'
import { PAGE_SIZE } from '../parts/pager.tsx'
import { type Action, Table } from '../parts/table.tsx'
import { localTime, timeLeft } from '../parts/time.ts'
import { useLoad } from '../parts/use-load.ts'
import { addressOf } from '../place.ts'
import { Made } from './made.tsx'

type Asked = { is: 'make' } | { is: 'fork' | 'reset' | 'end'; tenant: TenantSummary }

type Found = { results: TenantSummary[]; next: number | null }

/** All that the key reaches, by as many calls as the server takes. */
async function readTenants(): Promise<TenantSummary[]> {
  const found: TenantSummary[] = []
  for (let skip: number | null = 0; skip !== null; ) {
    const page: Found = await control<Found>('GET', `/tenants?all=true&skip=${skip}`)
    found.push(...page.results)
    skip = page.next
  }
  return found
}

export function Tenants({ apiKey }: { apiKey: string }) {
  const { list, asked, setAsked } = useListing<Asked>()
  const { search, skip } = list
  const [made, setMade] = useState<TenantDescription>()
  const { value, error, reload } = useLoad(readTenants, [])
  const found = value?.filter((one) => textOf(one).includes(search.toLowerCase())) ?? []
  const close = () => setAsked(undefined)
  return (
    <>
      <h1>Tenants</h1>
      {made && <Made tenant={made} onClose={() => setMade(undefined)} />}
      <Listing
        {...list}
        error={error}
        make="New tenant"
        onMake={mayCall(apiKey, 'createTenant') ? () => setAsked({ is: 'make' }) : undefined}
        total={value && found.length}
      >
        <TenantTable apiKey={apiKey} tenants={found.slice(skip, skip + PAGE_SIZE)} onAsk={setAsked} />
      </Listing>
      {asked && <Ask asked={asked} onClose={close} onMade={setMade} onDone={reload} />}
    </>
  )
}

const textOf = ({ name, id, team }: TenantSummary) => `${name} ${id} ${team}`.toLowerCase()

interface AskProps {
  asked: Asked
  onClose: () => void
  onMade: (tenant: TenantDescription) => void
  onDone: () => void
}

function Ask({ asked, onClose, onMade, onDone }: AskProps) {
  const made = (tenant: TenantDescription) => {
    onMade(tenant)
    onDone()
  }
  switch (asked.is) {
    case 'make':
      return <MakeTenant title="New tenant" onClose={onClose} onMade={made} />
    case 'fork': {
      const { name, id } = asked.tenant
      return <MakeTenant title={`Fork ${name}`} source={id} onClose={onClose} onMade={made} />
    }
    case 'reset':
      return <ResetTenant tenant={asked.tenant} onClose={onClose} />
    case 'end':
      return <EndTenant tenant={asked.tenant} onClose={onClose} onEnd={onDone} />
  }
}

interface TableProps {
  apiKey: string
  tenants: readonly TenantSummary[]
  onAsk: (asked: Asked) => void
}

function TenantTable({ apiKey, tenants, onAsk }: TableProps) {
  const [now, setNow] = useState(Date.now)
  const isRoot = kindOf(apiKey) === 'root'
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000)
    return () => clearInterval(timer)
  }, [])
  return (
    <Table
      head={['Name', 'Partition', ...(isRoot ? ['Team'] : []), 'Made', 'Time left']}
      rows={tenants.map((tenant) => ({
        key: tenant.id,
        cells: [
          <a key="name" href={addressOf(tenant.name)}>
            {tenant.name}
          </a>,
          <code key="id">{tenant.id}</code>,
          ...(isRoot ? [tenant.team] : []),
          tenant.createdAt === null ? 'seeded' : localTime(tenant.createdAt),
          timeLeft(tenant.expiresAt, now),
        ],
        actions: actionsOn(apiKey, tenant, onAsk),
      }))}
    />
  )
}

function actionsOn(apiKey: string, tenant: TenantSummary, onAsk: (asked: Asked) => void): Action[] {
  const { name: to, createdAt } = tenant
  const fork = { text: 'Fork', to, onClick: () => onAsk({ is: 'fork', tenant }) }
  return [
    ...(mayCall(apiKey, 'forkTenant') ? [fork] : []),
    // One that was not made on demand has no beginning to go back to, and stays.
    ...(createdAt === null
      ? []
      : [
          { text: 'Reset', to, onClick: () => onAsk({ is: 'reset', tenant }) },
          { text: 'End', to, danger: true, onClick: () => onAsk({ is: 'end', tenant }) },
        ]),
  ]
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
