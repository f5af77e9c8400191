// Signs in as a user: the tokens that a client would have at the end of a sign-in, decoded.
import { useId, useState } from 'preact/hooks'
import type { SignInAnswer } from '../../node/library/wire.ts'
import { api, control, under } from '../calls.ts'
import { readClients } from '../clients.ts'
import { Choice, Field } from '../parts/field.tsx'
import { Problem } from '../parts/notice.tsx'
import { Token } from '../parts/token.tsx'
import { useLoad } from '../parts/use-load.ts'
import { referenceAs } from '../place.ts'
import type { PageProps } from './tenant.tsx'

/** How many users are suggested. All others can be typed in. */
const SUGGESTED = 50

type SignedIn = { readonly as: { readonly user: string; readonly client: string }; readonly tokens: SignInAnswer }

export function SignIn({ tenant }: PageProps) {
  const [user, setUser] = useState('')
  const [client, setClient] = useState('')
  const [scopes, setScopes] = useState('')
  const [error, setError] = useState<unknown>()
  const [signedIn, setSignedIn] = useState<SignedIn>()
  const clients = useLoad(() => readClients(tenant.id), [tenant.id])
  const options = clients.value?.map(({ id, name }) => [id, name ? `${name} (${id})` : id] as const) ?? []
  const submit = async (event: Event) => {
    event.preventDefault()
    const json = { user, ...(client && { client }), ...(scopes && { scopes: scopes.split(/[\s,]+/).filter(Boolean) }) }
    try {
      const tokens = await control<SignInAnswer>('POST', under(tenant.id, 'sign-ins'), json)
      setSignedIn({ as: { user, client }, tokens })
      setError(undefined)
    } catch (reason) {
      setError(reason)
    }
  }
  return (
    <>
      <form class="card" onSubmit={submit}>
        <h2>Sign in as a user</h2>
        <UserField tenant={tenant} value={user} onInput={setUser} />
        <Choice
          label="Client"
          value={client}
          onInput={setClient}
          options={[['', 'the first that users sign in with'], ...options]}
        />
        <Field
          label="Scopes"
          value={scopes}
          onInput={setScopes}
          hint="Separated by spaces. Left out, all that the client may ask for."
        />
        <Problem error={clients.error ?? error} />
        <button type="submit" class="primary">
          Sign in
        </button>
      </form>
      {signedIn && <Tokens tenant={tenant} {...signedIn} />}
    </>
  )
}

function Tokens({ tenant, as, tokens }: PageProps & SignedIn) {
  return (
    <div role="status">
      <p>
        <a href={referenceAs({ tenant: tenant.name, ...as })}>Call the API as {as.user}</a>, from the API reference.
      </p>
      <Token title="Access token" token={tokens.access_token} />
      {tokens.id_token && <Token title="Id token" token={tokens.id_token} />}
      {tokens.refresh_token && <Token title="Refresh token" token={tokens.refresh_token} />}
    </div>
  )
}

type UserProps = PageProps & { value: string; onInput: (user: string) => void }

function UserField({ tenant, value, onInput }: UserProps) {
  const list = useId()
  const path = `User/users/${tenant.id}?top=${SUGGESTED}`
  const { value: found } = useLoad(
    () => api<{ results: { userName: string }[] }>(tenant.name, 'GET', path),
    [tenant.name, path],
  )
  return (
    <>
      <Field
        label="User"
        value={value}
        onInput={onInput}
        required
        list={list}
        hint="User name, e-mail address or id."
      />
      <datalist id={list}>
        {found?.results.map(({ userName }) => (
          <option key={userName} value={userName} />
        ))}
      </datalist>
    </>
  )
}
