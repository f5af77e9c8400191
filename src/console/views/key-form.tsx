// All there is without a key.
import { useState } from 'preact/hooks'
import { control } from '../calls.ts'
import { Field } from '../parts/field.tsx'
import { Problem } from '../parts/notice.tsx'
import { forgetKey, keepKey } from '../session.ts'

export function KeyForm({ onKey }: { onKey: () => void }) {
  const [key, setKey] = useState('')
  const [error, setError] = useState<unknown>()
  const submit = async (event: Event) => {
    event.preventDefault()
    keepKey(key.trim())
    try {
      await control('GET', '/tenants')
      onKey()
    } catch (reason) {
      forgetKey()
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
