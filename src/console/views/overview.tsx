// A tenant's address, and tokens of it.
import { useState } from 'preact/hooks'
import { control, under } from '../calls.ts'
import { Copy } from '../parts/copy.tsx'
import { Choice, Field } from '../parts/field.tsx'
import { Problem } from '../parts/notice.tsx'
import { localTime, timeLeft } from '../parts/time.ts'
import type { PageProps } from './tenant.tsx'

const BROKEN = ['expired', 'notYetValid', 'issuer', 'audience', 'tampered', 'kid'] as const

export function Overview({ tenant }: PageProps) {
  return (
    <>
      <dl>
        <dt>Address</dt>
        <dd>
          <code>{tenant.url}</code> <Copy text={tenant.url} />
        </dd>
        <dt>Partition</dt>
        <dd>
          <code>{tenant.id}</code> <Copy text={tenant.id} />
        </dd>
        <dt>Made</dt>
        <dd>{tenant.createdAt === null ? 'seeded' : localTime(tenant.createdAt)}</dd>
        <dt>Time left</dt>
        <dd>{timeLeft(tenant.expiresAt)}</dd>
      </dl>
      <MintToken tenant={tenant} />
    </>
  )
}

function MintToken({ tenant }: PageProps) {
  const [scopes, setScopes] = useState('')
  const [user, setUser] = useState('')
  const [broken, setBroken] = useState('')
  const [token, setToken] = useState('')
  const [error, setError] = useState<unknown>()
  const mint = async (event: Event) => {
    event.preventDefault()
    const json = { ...(scopes && { scopes: scopes.split(/[\s,]+/) }), ...(user && { user }), ...(broken && { broken }) }
    try {
      const answer = await control<{ token: string }>('POST', under(tenant.id, 'tokens'), json)
      setToken(answer.token)
      setError(undefined)
    } catch (reason) {
      setError(reason)
    }
  }
  return (
    <form class="card" onSubmit={mint}>
      <h2>A token</h2>
      <Field
        label="Scopes"
        value={scopes}
        onInput={setScopes}
        hint="Separated by spaces. Left out, all that there are."
      />
      <Field
        label="User"
        value={user}
        onInput={setUser}
        hint="The id of a user who is signed in. Left out, an application."
      />
      <Choice
        label="Broken"
        value={broken}
        onInput={setBroken}
        options={[['', 'no'], ...BROKEN.map((one) => [one, one] as const)]}
      />
      <Problem error={error} />
      <div class="row">
        <button type="submit" class="primary">
          Sign it
        </button>
        {token && <Copy text={token} label="Copy the token" />}
      </div>
      {token && <pre class="wrap">{token}</pre>}
    </form>
  )
}
