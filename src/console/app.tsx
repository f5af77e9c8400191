// The whole page: the form that asks for a key, or the tenants.
import { useState } from 'preact/hooks'
import { ActList } from './parts/act-list.tsx'
import { addressOf, usePlace } from './place.ts'
import { currentKey, forgetKey } from './session.ts'
import { KeyForm } from './views/key-form.tsx'
import { Tenant } from './views/tenant.tsx'
import { Tenants } from './views/tenants.tsx'

export function App() {
  const [hasKey, setHasKey] = useState(currentKey() !== null)
  const { tenant, page } = usePlace()
  if (!hasKey) return <KeyForm onKey={() => setHasKey(true)} />
  const leave = () => {
    forgetKey()
    setHasKey(false)
  }
  return (
    <>
      <button type="button" class="skip" onClick={() => document.getElementById('content')?.focus()}>
        Skip to content
      </button>
      <header class="top">
        <a class="brand" href={addressOf()}>
          identity-edge
        </a>
        <nav aria-label="Console">
          <a href={addressOf()}>Tenants</a>
          <a href="/_control/reference">API reference</a>
        </nav>
        <button type="button" class="small" onClick={leave}>
          Forget key
        </button>
      </header>
      <main id="content" tabIndex={-1}>
        {tenant === undefined ? <Tenants /> : <Tenant key={tenant} name={tenant} page={page} />}
      </main>
      <footer>
        <ActList />
      </footer>
    </>
  )
}
