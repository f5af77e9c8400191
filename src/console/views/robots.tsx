// Robot accounts.
import { useState } from 'preact/hooks'
import { api } from '../calls.ts'
import { Dialog } from '../parts/dialog.tsx'
import { Field } from '../parts/field.tsx'
import { Hint, Problem } from '../parts/notice.tsx'
import { PAGE_SIZE, Pager } from '../parts/pager.tsx'
import { requireSame } from '../parts/require-same.ts'
import { useLoad } from '../parts/use-load.ts'
import type { PageProps } from './tenant.tsx'

interface Robot {
  readonly id: string
  readonly name: string
  readonly displayName: string | null
}

type Asked = { is: 'write'; robot: Robot | undefined } | { is: 'remove'; robot: Robot }

export function Robots({ tenant }: PageProps) {
  const [skip, setSkip] = useState(0)
  const [search, setSearch] = useState('')
  const [asked, setAsked] = useState<Asked>()
  const query = new URLSearchParams({
    top: String(PAGE_SIZE),
    skip: String(skip),
    ...(search && { searchTerm: search }),
  })
  const path = `RobotAccount/${tenant.id}?${query}`
  const { value, error, reload } = useLoad(
    () => api<{ totalCount: number; results: Robot[] }>(tenant.name, 'GET', path),
    [path],
  )
  const close = () => {
    setAsked(undefined)
    reload()
  }
  return (
    <>
      <div class="row">
        <Field label="Search" type="search" value={search} onInput={(text) => [setSearch(text), setSkip(0)]} />
        <button type="button" class="primary" onClick={() => setAsked({ is: 'write', robot: undefined })}>
          New robot account
        </button>
      </div>
      <Problem error={error} />
      {value?.totalCount === 0 && <Hint>There is none.</Hint>}
      {value && value.totalCount > 0 && <RobotTable robots={value.results} onAsk={setAsked} />}
      <Pager skip={skip} total={value?.totalCount ?? 0} onSkip={setSkip} />
      {asked?.is === 'write' && <WriteRobot tenant={tenant} robot={asked.robot} onClose={close} />}
      {asked?.is === 'remove' && (
        <Dialog
          title={`Remove ${asked.robot.name}?`}
          action="Remove"
          danger
          onClose={close}
          onSubmit={() => api(tenant.name, 'DELETE', `RobotAccount/${tenant.id}/${asked.robot.id}`)}
        />
      )}
    </>
  )
}

const RobotTable = ({ robots, onAsk }: { robots: readonly Robot[]; onAsk: (asked: Asked) => void }) => (
  <div class="scroll">
    <table>
      <thead>
        <tr>
          <th scope="col">Name</th>
          <th scope="col">Shown as</th>
          <th scope="col">Id</th>
          <th scope="col">Actions</th>
        </tr>
      </thead>
      <tbody>
        {robots.map((robot) => (
          <tr key={robot.id}>
            <th scope="row">{robot.name}</th>
            <td>{robot.displayName}</td>
            <td>
              <code>{robot.id}</code>
            </td>
            <td class="actions">
              <button type="button" class="small" onClick={() => onAsk({ is: 'write', robot })}>
                Change<span class="hidden"> {robot.name}</span>
              </button>
              <button type="button" class="small danger" onClick={() => onAsk({ is: 'remove', robot })}>
                Remove<span class="hidden"> {robot.name}</span>
              </button>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  </div>
)

function WriteRobot({ tenant, robot, onClose }: PageProps & { robot: Robot | undefined; onClose: () => void }) {
  const [name, setName] = useState(robot?.name ?? '')
  const [displayName, setDisplayName] = useState(robot?.displayName ?? '')
  const submit = async () => {
    const json = { partitionGlobalId: tenant.id, displayName }
    if (!robot) {
      await api(tenant.name, 'POST', 'RobotAccount', { ...json, name })
      return
    }
    const now = await api<Robot>(tenant.name, 'GET', `RobotAccount/${tenant.id}/${robot.id}`)
    requireSame(robot.name, { displayName: robot.displayName }, { displayName: now.displayName })
    await api(tenant.name, 'PUT', `RobotAccount/${robot.id}`, json)
  }
  return (
    <Dialog
      title={robot ? `Change ${robot.name}` : 'New robot account'}
      action="Save"
      onClose={onClose}
      onSubmit={submit}
    >
      <Field label="Name" value={name} onInput={setName} required disabled={robot !== undefined} />
      <Field label="Shown as" value={displayName} onInput={setDisplayName} />
    </Dialog>
  )
}
