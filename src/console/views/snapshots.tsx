// Snapshots: kept, compared with the present state, gone back to.
import { useState } from 'preact/hooks'
import type { SeedDocument } from '../../node/library/seed-document.ts'
import type { Snapshot } from '../../node/library/wire.ts'
import { control, under } from '../calls.ts'
import { type Change, compareDocuments } from '../compare-documents.ts'
import { Dialog } from '../parts/dialog.tsx'
import { Field } from '../parts/field.tsx'
import { Hint, Problem } from '../parts/notice.tsx'
import { localTime } from '../parts/time.ts'
import { useLoad } from '../parts/use-load.ts'
import type { PageProps } from './tenant.tsx'

type Asked = { is: 'restore' | 'remove'; name: string }

export function Snapshots({ tenant }: PageProps) {
  const path = under(tenant.id, 'snapshots')
  const { value, error, reload } = useLoad(() => control<{ results: Snapshot[] }>('GET', path), [path])
  const [name, setName] = useState('')
  const [asked, setAsked] = useState<Asked>()
  const [problem, setProblem] = useState<unknown>()
  const [compared, setCompared] = useState<{ name: string; changes: readonly Change[] }>()
  const take = async (event: Event) => {
    event.preventDefault()
    try {
      await control('PUT', under(tenant.id, 'snapshots', name || 'default'))
      setProblem(undefined)
    } catch (reason) {
      setProblem(reason)
    }
    await reload()
  }
  const compare = async (snapshot: string) => {
    const [before, after] = await Promise.all([
      control<SeedDocument>('GET', under(tenant.id, 'snapshots', snapshot)),
      control<SeedDocument>('GET', under(tenant.id, 'dump')),
    ])
    setCompared({ name: snapshot, changes: compareDocuments(before, after) })
  }
  const close = () => {
    setAsked(undefined)
    reload()
  }
  return (
    <>
      <form class="row" onSubmit={take}>
        <Field label="Name" value={name} onInput={setName} hint="default, if it is left out" />
        <button type="submit" class="primary">
          Keep the present state
        </button>
      </form>
      <Problem error={error ?? problem} />
      {value?.results.length === 0 && <Hint>None is kept.</Hint>}
      {value && value.results.length > 0 && (
        <SnapshotTable snapshots={value.results} onCompare={compare} onAsk={setAsked} />
      )}
      {compared && <Comparison {...compared} />}
      {asked && <Ask tenant={tenant} asked={asked} onClose={close} />}
    </>
  )
}

function Ask({ tenant, asked: { is, name }, onClose }: PageProps & { asked: Asked; onClose: () => void }) {
  const path = under(tenant.id, 'snapshots', name)
  return is === 'restore' ? (
    <Dialog
      title={`Go back to ${name}?`}
      action="Go back"
      danger
      onClose={onClose}
      onSubmit={() => control('POST', `${path}/restore`)}
    >
      <p>All data of the tenant is replaced, in one step.</p>
    </Dialog>
  ) : (
    <Dialog
      title={`Forget ${name}?`}
      action="Forget"
      danger
      onClose={onClose}
      onSubmit={() => control('DELETE', path)}
    />
  )
}

interface TableProps {
  snapshots: readonly Snapshot[]
  onCompare: (name: string) => void
  onAsk: (asked: Asked) => void
}

const SnapshotTable = ({ snapshots, onCompare, onAsk }: TableProps) => (
  <div class="scroll">
    <table>
      <thead>
        <tr>
          <th scope="col">Name</th>
          <th scope="col">Rows</th>
          <th scope="col">Taken</th>
          <th scope="col">Actions</th>
        </tr>
      </thead>
      <tbody>
        {snapshots.map(({ name, entries, createdAt }) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td>{entries}</td>
            <td>{localTime(createdAt)}</td>
            <td class="actions">
              <button type="button" class="small" onClick={() => onCompare(name)}>
                Compare<span class="hidden"> {name} with now</span>
              </button>
              <button type="button" class="small" onClick={() => onAsk({ is: 'restore', name })}>
                Go back<span class="hidden"> to {name}</span>
              </button>
              <button type="button" class="small danger" onClick={() => onAsk({ is: 'remove', name })}>
                Forget<span class="hidden"> {name}</span>
              </button>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  </div>
)

const Comparison = ({ name, changes }: { name: string; changes: readonly Change[] }) => (
  <section class="card" aria-label={`Changes since ${name}`}>
    <h2>Since {name}</h2>
    {changes.length === 0 && <p>Nothing has changed.</p>}
    <ul class="changes">
      {changes.map(({ what, is, before, after }) => (
        <li key={`${what} ${is}`}>
          <b>{is}</b> {what}
          {is === 'changed' && (
            <>
              : <del>{before}</del> <ins>{after}</ins>
            </>
          )}
        </li>
      ))}
    </ul>
  </section>
)
