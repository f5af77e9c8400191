// All there is without a key.
import { useEffect, useState } from 'preact/hooks'
import { forgetActs, tryKey } from '../calls.ts'
import { Field } from '../parts/field.tsx'
import { Problem } from '../parts/notice.tsx'
import { keepKey } from '../session.ts'

/** @param refused why a key is not good any more that was */
export function KeyForm({ refused }: { refused: unknown }) {
  const [key, setKey] = useState('')
  const [error, setError] = useState(refused)
  useEffect(forgetActs, [])
  const submit = async (event: Event) => {
    event.preventDefault()
    try {
      await tryKey(key.trim())
      keepKey(key.trim())
    } catch (reason) {
      setError(reason)
    }
  }
  return (
    <main class="key">
      <form onSubmit={submit}>
        <h1>identity-edge</h1>
        <Field
          label="Control token or key"
          type="password"
          value={key}
          onInput={setKey}
          required
          hint="It stays in this tab and is sent to this server alone."
        />
        <Problem error={error} />
        <button type="submit" class="primary">
          Open the console
        </button>
      </form>
    </main>
  )
}
