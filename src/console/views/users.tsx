// Users, by pages of the server's own: all of a large tenant are never loaded.
import { useState } from 'preact/hooks'
import { api } from '../calls.ts'
import { Dialog } from '../parts/dialog.tsx'
import { Check, Field } from '../parts/field.tsx'
import { Listing, useListing } from '../parts/listing.tsx'
import { PAGE_SIZE } from '../parts/pager.tsx'
import { requireSame } from '../parts/require-same.ts'
import { Table } from '../parts/table.tsx'
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
  const { list, asked, setAsked, closeAnd } = useListing<Asked>()
  const { search, skip } = list
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
  const close = closeAnd(reload)
  return (
    <>
      <Listing
        {...list}
        error={error}
        make="New user"
        onMake={() => setAsked({ is: 'write', user: undefined })}
        total={value?.totalCount}
      >
        <Table
          head={['User name', 'Shown as', 'E-mail', 'Id']}
          rows={(value?.results ?? []).map((user) => ({
            key: user.id,
            cells: [
              user.isActive ? user.userName : `${user.userName} (inactive)`,
              user.displayName,
              user.email,
              <code key="id">{user.id}</code>,
            ],
            actions: [
              { text: 'Change', to: user.userName, onClick: () => setAsked({ is: 'write', user }) },
              { text: 'Remove', to: user.userName, danger: true, onClick: () => setAsked({ is: 'remove', user }) },
            ],
          }))}
        />
      </Listing>
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
