// A tenant's address, and tokens of it.
import { useState } from 'preact/hooks'
import { control, under } from '../calls.ts'
import { Copy } from '../parts/copy.tsx'
import { Choice, Field } from '../parts/field.tsx'
import { Problem } from '../parts/notice.tsx'
import { localTime, timeLeft } from '../parts/time.ts'
import { Token } from '../parts/token.tsx'
import { useLoad } from '../parts/use-load.ts'
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
        <Used tenant={tenant} />
      </dl>
      <MintToken tenant={tenant} />
    </>
  )
}

interface Usage {
  readonly rows: number | null
  readonly requests: number | null
  readonly limits: { readonly rows: number; readonly rowsAtOnce: number } | null
}

/** What it has used of what it may, if it was made with a team's key. */
function Used({ tenant }: PageProps) {
  const path = under(tenant.id, 'usage')
  const { value } = useLoad(() => control<Usage>('GET', path), [path])
  if (!value?.limits) return null
  return (
    <>
      <dt>Rows</dt>
      <dd>
        {value.rows} of {value.limits.rows}; {value.limits.rowsAtOnce} in one request
      </dd>
      <dt>Requests</dt>
      <dd>{value.requests}</dd>
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
    <>
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
        </div>
      </form>
      {token && <Token title="The token" token={token} />}
    </>
  )
}
