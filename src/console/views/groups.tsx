// Groups with their members.
import { useState } from 'preact/hooks'
import { api } from '../calls.ts'
import { Dialog } from '../parts/dialog.tsx'
import { Field } from '../parts/field.tsx'
import { Hint, Problem } from '../parts/notice.tsx'
import { PAGE_SIZE, Pager } from '../parts/pager.tsx'
import { useLoad } from '../parts/use-load.ts'
import type { PageProps } from './tenant.tsx'

interface Group {
  readonly id: string
  readonly name: string
  /** 0 built-in, 1 custom. */
  readonly type: number
}

interface Member {
  readonly identifier: string
  readonly name: string
  readonly displayName: string | null
  readonly email: string | null
}

type Asked = { is: 'make' } | { is: 'rename' | 'remove' | 'members'; group: Group }

export function Groups({ tenant }: PageProps) {
  const [asked, setAsked] = useState<Asked>()
  const [search, setSearch] = useState('')
  const [skip, setSkip] = useState(0)
  const { value, error, reload } = useLoad(() => api<Group[]>(tenant.name, 'GET', `Group/${tenant.id}`), [tenant.id])
  const found = value?.filter(({ name }) => name.toLowerCase().includes(search.toLowerCase())) ?? []
  const close = () => {
    setAsked(undefined)
    reload()
  }
  return (
    <>
      <div class="row">
        <Field label="Search" type="search" value={search} onInput={(text) => [setSearch(text), setSkip(0)]} />
        <button type="button" class="primary" onClick={() => setAsked({ is: 'make' })}>
          New group
        </button>
      </div>
      <Problem error={error} />
      {value && found.length === 0 && <Hint>There is none.</Hint>}
      {found.length > 0 && <GroupTable groups={found.slice(skip, skip + PAGE_SIZE)} onAsk={setAsked} />}
      <Pager skip={skip} total={found.length} onSkip={setSkip} />
      {asked?.is === 'members' && <Members tenant={tenant} group={asked.group} onClose={() => setAsked(undefined)} />}
      {asked?.is === 'make' && <NameGroup tenant={tenant} onClose={close} />}
      {asked?.is === 'rename' && <NameGroup tenant={tenant} group={asked.group} onClose={close} />}
      {asked?.is === 'remove' && (
        <Dialog
          title={`Remove ${asked.group.name}?`}
          action="Remove"
          danger
          onClose={close}
          onSubmit={() => api(tenant.name, 'DELETE', `Group/${tenant.id}/${asked.group.id}`)}
        />
      )}
    </>
  )
}

const GroupTable = ({ groups, onAsk }: { groups: readonly Group[]; onAsk: (asked: Asked) => void }) => (
  <div class="scroll">
    <table>
      <thead>
        <tr>
          <th scope="col">Name</th>
          <th scope="col">Kind</th>
          <th scope="col">Id</th>
          <th scope="col">Actions</th>
        </tr>
      </thead>
      <tbody>
        {groups.map((group) => (
          <tr key={group.id}>
            <th scope="row">{group.name}</th>
            <td>{group.type === 0 ? 'built-in' : 'custom'}</td>
            <td>
              <code>{group.id}</code>
            </td>
            <td class="actions">
              <button type="button" class="small" onClick={() => onAsk({ is: 'members', group })}>
                Members<span class="hidden"> of {group.name}</span>
              </button>
              {group.type !== 0 && (
                <>
                  <button type="button" class="small" onClick={() => onAsk({ is: 'rename', group })}>
                    Rename<span class="hidden"> {group.name}</span>
                  </button>
                  <button type="button" class="small danger" onClick={() => onAsk({ is: 'remove', group })}>
                    Remove<span class="hidden"> {group.name}</span>
                  </button>
                </>
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  </div>
)

interface Change {
  readonly name?: string
  readonly added?: readonly string[]
  readonly removed?: readonly string[]
}

/** Changes a group that is still as it was shown. @throws if it is not */
async function changeGroup(
  { tenant, group }: PageProps & { group: Group },
  { name, added = [], removed = [] }: Change,
) {
  const path = `Group/${tenant.id}/${group.id}`
  const now = await api<Group>(tenant.name, 'GET', path)
  if (now.name !== group.name) throw new Error(`The group was renamed meanwhile, to ${now.name}. Nothing was written.`)
  await api(tenant.name, 'PUT', path, {
    partitionGlobalId: tenant.id,
    name: name ?? group.name,
    directoryUserIDsToAdd: added,
    directoryUserIDsToRemove: removed,
  })
}

function NameGroup({ tenant, group, onClose }: PageProps & { group?: Group; onClose: () => void }) {
  const [name, setName] = useState(group?.name ?? '')
  const submit = async () => {
    if (group) await changeGroup({ tenant, group }, { name })
    else await api(tenant.name, 'POST', 'Group', { partitionGlobalId: tenant.id, name })
  }
  return (
    <Dialog title={group ? `Rename ${group.name}` : 'New group'} action="Save" onClose={onClose} onSubmit={submit}>
      <Field label="Name" value={name} onInput={setName} required />
    </Dialog>
  )
}

function Members({ tenant, group, onClose }: PageProps & { group: Group; onClose: () => void }) {
  const [skip, setSkip] = useState(0)
  const [added, setAdded] = useState('')
  const [problem, setProblem] = useState<unknown>()
  const path = `Group/${tenant.id}/${group.id}/Members?top=${PAGE_SIZE}&skip=${skip}`
  const { value, error, reload } = useLoad(
    () => api<{ totalCount: number; results: Member[] }>(tenant.name, 'GET', path),
    [path],
  )
  const change = async (given: Change) => {
    try {
      await changeGroup({ tenant, group }, given)
      setProblem(undefined)
      setAdded('')
    } catch (reason) {
      setProblem(reason)
    }
    await reload()
  }
  return (
    <section class="card" aria-label={`Members of ${group.name}`}>
      <div class="row">
        <h2>Members of {group.name}</h2>
        <button type="button" class="small" onClick={onClose}>
          Close
        </button>
      </div>
      <form
        class="row"
        onSubmit={(event) => {
          event.preventDefault()
          change({ added: [added] })
        }}
      >
        <Field label="Id of an account" value={added} onInput={setAdded} required />
        <button type="submit">Add</button>
      </form>
      <Problem error={error ?? problem} />
      <ul class="members">
        {value?.results.map((member) => (
          <li key={member.identifier}>
            {member.displayName ?? member.name} <code>{member.identifier}</code>
            <button type="button" class="small danger" onClick={() => change({ removed: [member.identifier] })}>
              Remove<span class="hidden"> {member.name}</span>
            </button>
          </li>
        ))}
      </ul>
      <Pager skip={skip} total={value?.totalCount ?? 0} onSkip={setSkip} />
    </section>
  )
}
