// The settings of a tenant and of its users.
import { useState } from 'preact/hooks'
import type { SeedDocument } from '../../node/library/seed-document.ts'
import { api, control, under } from '../calls.ts'
import { Dialog } from '../parts/dialog.tsx'
import { Field } from '../parts/field.tsx'
import { Listing, useListing } from '../parts/listing.tsx'
import { PAGE_SIZE } from '../parts/pager.tsx'
import { requireSame } from '../parts/require-same.ts'
import { Table } from '../parts/table.tsx'
import { useLoad } from '../parts/use-load.ts'
import type { PageProps } from './tenant.tsx'

interface Setting {
  readonly key: string
  readonly value: string | null
  /** The id of the user it belongs to; null for the tenant's own. */
  readonly user: string | null
}

type Asked = { is: 'write'; setting: Setting | undefined } | { is: 'remove'; setting: Setting }

async function readSettings(tenant: string): Promise<Setting[]> {
  const { settings = [] } = await control<SeedDocument>('GET', `${under(tenant, 'dump')}?only=settings`)
  return settings.map(({ key, value = null, user = null }) => ({ key, value, user }))
}

export function Settings({ tenant }: PageProps) {
  const { list, asked, setAsked, closeAnd } = useListing<Asked>()
  const { search, skip } = list
  const { value, error, reload } = useLoad(() => readSettings(tenant.id), [tenant.id])
  const found =
    value?.filter(({ key, value: text }) => `${key} ${text}`.toLowerCase().includes(search.toLowerCase())) ?? []
  const close = closeAnd(reload)
  return (
    <>
      <Listing
        {...list}
        error={error}
        make="New setting"
        onMake={() => setAsked({ is: 'write', setting: undefined })}
        total={value && found.length}
      >
        <Table
          head={['Key', 'Value', 'User']}
          rows={found.slice(skip, skip + PAGE_SIZE).map((setting) => ({
            key: `${setting.user} ${setting.key}`,
            cells: [
              setting.key,
              <span key="value" class="value">
                {setting.value}
              </span>,
              setting.user,
            ],
            actions: [
              { text: 'Change', to: setting.key, onClick: () => setAsked({ is: 'write', setting }) },
              { text: 'Remove', to: setting.key, danger: true, onClick: () => setAsked({ is: 'remove', setting }) },
            ],
          }))}
        />
      </Listing>
      {asked?.is === 'write' && <WriteSetting tenant={tenant} setting={asked.setting} onClose={close} />}
      {asked?.is === 'remove' && <RemoveSetting tenant={tenant} setting={asked.setting} onClose={close} />}
    </>
  )
}

const same = (one: Setting) => (other: Setting) => one.key === other.key && one.user === other.user

/** @throws if the setting is no longer what was shown */
async function requireUnchanged(tenant: string, shown: Setting): Promise<void> {
  requireSame(shown.key, shown, (await readSettings(tenant)).find(same(shown)))
}

type EditProps<What> = PageProps & { setting: What; onClose: () => void }

function WriteSetting({ tenant, setting, onClose }: EditProps<Setting | undefined>) {
  const [key, setKey] = useState(setting?.key ?? '')
  const [value, setValue] = useState(setting?.value ?? '')
  const [user, setUser] = useState(setting?.user ?? '')
  const submit = async () => {
    if (setting) await requireUnchanged(tenant.id, setting)
    const json = { partitionGlobalId: tenant.id, ...(user && { userId: user }), settings: [{ key, value }] }
    await api(tenant.name, 'PUT', 'Setting', json)
  }
  return (
    <Dialog title={setting ? `Change ${setting.key}` : 'New setting'} action="Save" onClose={onClose} onSubmit={submit}>
      <Field label="Key" value={key} onInput={setKey} required disabled={setting !== undefined} />
      <Field label="Value" value={value} onInput={setValue} rows={4} />
      <Field
        label="User"
        value={user}
        onInput={setUser}
        disabled={setting !== undefined}
        hint="The id of a user whose it is."
      />
    </Dialog>
  )
}

function RemoveSetting({ tenant, setting, onClose }: EditProps<Setting>) {
  const submit = async () => {
    await requireUnchanged(tenant.id, setting)
    const user = setting.user === null ? {} : { userId: setting.user }
    await api(tenant.name, 'DELETE', 'Setting', { settings: [setting.key], partitionGlobalId: tenant.id, ...user })
  }
  return <Dialog title={`Remove ${setting.key}?`} action="Remove" danger onClose={onClose} onSubmit={submit} />
}
