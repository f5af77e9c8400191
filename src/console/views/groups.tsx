// Groups with their members.
import { useState } from 'preact/hooks'
import { api } from '../calls.ts'
import { Dialog } from '../parts/dialog.tsx'
import { Field } from '../parts/field.tsx'
import { Listing, useListing } from '../parts/listing.tsx'
import { Problem } from '../parts/notice.tsx'
import { PAGE_SIZE, Pager } from '../parts/pager.tsx'
import { requireSame } from '../parts/require-same.ts'
import { type Action, Table } from '../parts/table.tsx'
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
  const { list, asked, setAsked, closeAnd } = useListing<Asked>()
  const { search, skip } = list
  const { value, error, reload } = useLoad(() => api<Group[]>(tenant.name, 'GET', `Group/${tenant.id}`), [tenant.id])
  const found = value?.filter(({ name }) => name.toLowerCase().includes(search.toLowerCase())) ?? []
  const close = closeAnd(reload)
  return (
    <>
      <Listing
        {...list}
        error={error}
        make="New group"
        onMake={() => setAsked({ is: 'make' })}
        total={value && found.length}
      >
        <Table
          head={['Name', 'Kind', 'Id']}
          rows={found.slice(skip, skip + PAGE_SIZE).map((group) => ({
            key: group.id,
            cells: [group.name, group.type === 0 ? 'built-in' : 'custom', <code key="id">{group.id}</code>],
            actions: actionsOn(group, setAsked),
          }))}
        />
      </Listing>
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

function actionsOn(group: Group, onAsk: (asked: Asked) => void): Action[] {
  const members = { text: 'Members', to: `of ${group.name}`, onClick: () => onAsk({ is: 'members', group }) }
  if (group.type === 0) return [members]
  return [
    members,
    { text: 'Rename', to: group.name, onClick: () => onAsk({ is: 'rename', group }) },
    { text: 'Remove', to: group.name, danger: true, onClick: () => onAsk({ is: 'remove', group }) },
  ]
}

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
  requireSame(group.name, { name: group.name }, { name: now.name })
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
