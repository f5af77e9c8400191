// The settings of a tenant and of its users.
import { useState } from 'preact/hooks'
import type { SeedDocument } from '../../node/library/seed-document.ts'
import { api, control, under } from '../calls.ts'
import { Dialog } from '../parts/dialog.tsx'
import { Field } from '../parts/field.tsx'
import { Hint, Problem } from '../parts/notice.tsx'
import { PAGE_SIZE, Pager } from '../parts/pager.tsx'
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
  const { value, error, reload } = useLoad(() => readSettings(tenant.id), [tenant.id])
  const [search, setSearch] = useState('')
  const [skip, setSkip] = useState(0)
  const [asked, setAsked] = useState<Asked>()
  const found =
    value?.filter(({ key, value: text }) => `${key} ${text}`.toLowerCase().includes(search.toLowerCase())) ?? []
  const close = () => {
    setAsked(undefined)
    reload()
  }
  return (
    <>
      <div class="row">
        <Field label="Search" type="search" value={search} onInput={(text) => [setSearch(text), setSkip(0)]} />
        <button type="button" class="primary" onClick={() => setAsked({ is: 'write', setting: undefined })}>
          New setting
        </button>
      </div>
      <Problem error={error} />
      {value && found.length === 0 && <Hint>There is none.</Hint>}
      {found.length > 0 && <SettingTable settings={found.slice(skip, skip + PAGE_SIZE)} onAsk={setAsked} />}
      <Pager skip={skip} total={found.length} onSkip={setSkip} />
      {asked?.is === 'write' && <WriteSetting tenant={tenant} setting={asked.setting} onClose={close} />}
      {asked?.is === 'remove' && <RemoveSetting tenant={tenant} setting={asked.setting} onClose={close} />}
    </>
  )
}

const SettingTable = ({ settings, onAsk }: { settings: readonly Setting[]; onAsk: (asked: Asked) => void }) => (
  <div class="scroll">
    <table>
      <thead>
        <tr>
          <th scope="col">Key</th>
          <th scope="col">Value</th>
          <th scope="col">User</th>
          <th scope="col">Actions</th>
        </tr>
      </thead>
      <tbody>
        {settings.map((setting) => (
          <tr key={`${setting.user} ${setting.key}`}>
            <th scope="row">{setting.key}</th>
            <td class="value">{setting.value}</td>
            <td>{setting.user}</td>
            <td class="actions">
              <button type="button" class="small" onClick={() => onAsk({ is: 'write', setting })}>
                Change<span class="hidden"> {setting.key}</span>
              </button>
              <button type="button" class="small danger" onClick={() => onAsk({ is: 'remove', setting })}>
                Remove<span class="hidden"> {setting.key}</span>
              </button>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  </div>
)

const same = (one: Setting) => (other: Setting) => one.key === other.key && one.user === other.user

/** @throws if the setting is no longer what was shown: what somebody else wrote meanwhile is not written over */
async function requireUnchanged(tenant: string, shown: Setting): Promise<void> {
  const now = (await readSettings(tenant)).find(same(shown))
  if (!now) throw new Error(`${shown.key} was removed meanwhile. Nothing was written.`)
  if (now.value !== shown.value) {
    throw new Error(`${shown.key} was changed meanwhile, to: ${now.value}. Nothing was written.`)
  }
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
