// Robot accounts.
import { useState } from 'preact/hooks'
import { api } from '../calls.ts'
import { Dialog } from '../parts/dialog.tsx'
import { Field } from '../parts/field.tsx'
import { Listing, useListing } from '../parts/listing.tsx'
import { PAGE_SIZE } from '../parts/pager.tsx'
import { requireSame } from '../parts/require-same.ts'
import { Table } from '../parts/table.tsx'
import { useLoad } from '../parts/use-load.ts'
import type { PageProps } from './tenant.tsx'

interface Robot {
  readonly id: string
  readonly name: string
  readonly displayName: string | null
}

type Asked = { is: 'write'; robot: Robot | undefined } | { is: 'remove'; robot: Robot }

export function Robots({ tenant }: PageProps) {
  const { list, asked, setAsked, closeAnd } = useListing<Asked>()
  const { search, skip } = list
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
  const close = closeAnd(reload)
  return (
    <>
      <Listing
        {...list}
        error={error}
        make="New robot account"
        onMake={() => setAsked({ is: 'write', robot: undefined })}
        total={value?.totalCount}
      >
        <Table
          head={['Name', 'Shown as', 'Id']}
          rows={(value?.results ?? []).map((robot) => ({
            key: robot.id,
            cells: [robot.name, robot.displayName, <code key="id">{robot.id}</code>],
            actions: [
              { text: 'Change', to: robot.name, onClick: () => setAsked({ is: 'write', robot }) },
              { text: 'Remove', to: robot.name, danger: true, onClick: () => setAsked({ is: 'remove', robot }) },
            ],
          }))}
        />
      </Listing>
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
