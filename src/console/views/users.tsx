// Users, by pages of the server's own: all of a large tenant are never loaded.
import { useState } from 'preact/hooks'
import { api } from '../calls.ts'
import { Dialog } from '../parts/dialog.tsx'
import { Check, Field } from '../parts/field.tsx'
import { Hint, Problem } from '../parts/notice.tsx'
import { PAGE_SIZE, Pager } from '../parts/pager.tsx'
import { requireSame } from '../parts/require-same.ts'
import { useLoad } from '../parts/use-load.ts'
import type { PageProps } from './tenant.tsx'

interface User {
  readonly id: string
  readonly userName: string
  readonly email: string | null
  readonly name: string | null
  readonly surname: string | null
  readonly displayName: string | null
  readonly isActive: boolean
}

type Asked = { is: 'write'; user: User | undefined } | { is: 'remove'; user: User }

export function Users({ tenant }: PageProps) {
  const [search, setSearch] = useState('')
  const [skip, setSkip] = useState(0)
  const [asked, setAsked] = useState<Asked>()
  const query = new URLSearchParams({
    top: String(PAGE_SIZE),
    skip: String(skip),
    ...(search && { searchTerm: search }),
  })
  const path = `User/users/${tenant.id}?${query}`
  const { value, error, reload } = useLoad(
    () => api<{ totalCount: number; results: User[] }>(tenant.name, 'GET', path),
    [tenant.name, path],
  )
  const close = () => {
    setAsked(undefined)
    reload()
  }
  return (
    <>
      <div class="row">
        <Field label="Search" type="search" value={search} onInput={(text) => [setSearch(text), setSkip(0)]} />
        <button type="button" class="primary" onClick={() => setAsked({ is: 'write', user: undefined })}>
          New user
        </button>
      </div>
      <Problem error={error} />
      {value?.totalCount === 0 && <Hint>There is none.</Hint>}
      {value && value.totalCount > 0 && <UserTable users={value.results} onAsk={setAsked} />}
      <Pager skip={skip} total={value?.totalCount ?? 0} onSkip={setSkip} />
      {asked?.is === 'write' && <WriteUser tenant={tenant} user={asked.user} onClose={close} />}
      {asked?.is === 'remove' && (
        <Dialog
          title={`Remove ${asked.user.userName}?`}
          action="Remove"
          danger
          onClose={close}
          onSubmit={() => api(tenant.name, 'DELETE', `User/${asked.user.id}`)}
        />
      )}
    </>
  )
}

const UserTable = ({ users, onAsk }: { users: readonly User[]; onAsk: (asked: Asked) => void }) => (
  <div class="scroll">
    <table>
      <thead>
        <tr>
          <th scope="col">User name</th>
          <th scope="col">Shown as</th>
          <th scope="col">E-mail</th>
          <th scope="col">Id</th>
          <th scope="col">Actions</th>
        </tr>
      </thead>
      <tbody>
        {users.map((user) => (
          <tr key={user.id}>
            <th scope="row">
              {user.userName}
              {!user.isActive && ' (inactive)'}
            </th>
            <td>{user.displayName}</td>
            <td>{user.email}</td>
            <td>
              <code>{user.id}</code>
            </td>
            <td class="actions">
              <button type="button" class="small" onClick={() => onAsk({ is: 'write', user })}>
                Change<span class="hidden"> {user.userName}</span>
              </button>
              <button type="button" class="small danger" onClick={() => onAsk({ is: 'remove', user })}>
                Remove<span class="hidden"> {user.userName}</span>
              </button>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  </div>
)

type WriteProps = PageProps & { user: User | undefined; onClose: () => void }

function WriteUser({ tenant, user, onClose }: WriteProps) {
  const [userName, setUserName] = useState(user?.userName ?? '')
  const [email, setEmail] = useState(user?.email ?? '')
  const [name, setName] = useState(user?.name ?? '')
  const [surname, setSurname] = useState(user?.surname ?? '')
  const [displayName, setDisplayName] = useState(user?.displayName ?? '')
  const [password, setPassword] = useState('')
  const [isActive, setIsActive] = useState(user?.isActive ?? true)
  const submit = async () => {
    const json = { email, name, surname, displayName, isActive }
    if (!user) {
      const created = { ...json, userName, partitionGlobalId: tenant.id, ...(password && { password }) }
      await api(tenant.name, 'POST', 'User', created)
      return
    }
    requireSame(user.userName, user, await api<User>(tenant.name, 'GET', `User/${user.id}`))
    await api(tenant.name, 'PUT', `User/${user.id}`, json)
  }
  return (
    <Dialog title={user ? `Change ${user.userName}` : 'New user'} action="Save" onClose={onClose} onSubmit={submit}>
      <Field label="User name" value={userName} onInput={setUserName} required disabled={user !== undefined} />
      <Field label="E-mail" value={email} onInput={setEmail} />
      <Field label="First name" value={name} onInput={setName} />
      <Field label="Last name" value={surname} onInput={setSurname} />
      <Field label="Shown as" value={displayName} onInput={setDisplayName} />
      {!user && (
        <Field label="Password" type="password" value={password} onInput={setPassword} hint="May be left out." />
      )}
      <Check label="Active" checked={isActive} onInput={setIsActive} />
    </Dialog>
  )
}
