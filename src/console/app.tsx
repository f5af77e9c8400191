// The whole page: the form that asks for a key, or what that key opens.
import type { VNode } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { mayCall } from './access.ts'
import { onKeyRefused } from './calls.ts'
import { ActList } from './parts/act-list.tsx'
import { addressOf, type Place, usePlace } from './place.ts'
import { forgetKey, useKey } from './session.ts'
import { Audit } from './views/audit.tsx'
import { KeyForm } from './views/key-form.tsx'
import { Keys } from './views/keys.tsx'
import { Tenant } from './views/tenant.tsx'
import { Tenants } from './views/tenants.tsx'

export function App() {
  const key = useKey()
  const place = usePlace()
  const [refused, setRefused] = useState<unknown>()
  useEffect(() => onKeyRefused(setRefused), [])
  if (key === null) return <KeyForm refused={refused} />
  return (
    <>
      <button type="button" class="skip" onClick={() => document.getElementById('content')?.focus()}>
        Skip to content
      </button>
      <Top apiKey={key} page={place.page} />
      <Content apiKey={key} place={place} />
      <footer>
        <ActList />
      </footer>
    </>
  )
}

function Top({ apiKey, page }: { apiKey: string; page: string }) {
  const links = [
    ['Tenants', 'tenants'],
    ...(mayCall(apiKey, 'listKeys') ? [['Keys', 'keys']] : []),
    ...(mayCall(apiKey, 'readAudit') ? [['Audit', 'audit']] : []),
  ] as const
  return (
    <header class="top">
      <a class="brand" href={addressOf()}>
        identity-edge
      </a>
      <nav aria-label="Console">
        {links.map(([text = '', to = '']) => (
          <a key={to} href={addressOf(undefined, to)} aria-current={to === page ? 'page' : undefined}>
            {text}
          </a>
        ))}
        <a href="/_control/reference">API reference</a>
      </nav>
      <button type="button" class="small" onClick={forgetKey}>
        Forget key
      </button>
    </header>
  )
}

/** The page that was asked for; the tenants, where the key does not open it. */
function pageFor(key: string, { tenant, page }: Place): VNode {
  if (tenant !== undefined) return <Tenant key={tenant} name={tenant} page={page} />
  if (page === 'keys' && mayCall(key, 'listKeys')) return <Keys apiKey={key} />
  if (page === 'audit' && mayCall(key, 'readAudit')) return <Audit />
  return <Tenants apiKey={key} />
}

function Content({ apiKey, place }: { apiKey: string; place: Place }) {
  const main = useRef<HTMLElement>(null)
  const isFirst = useRef(true)
  // The link that was followed may be gone: whoever works by keyboard goes on from the page. A tenant's tabs stay.
  const where = place.tenant === undefined ? place.page : `of ${place.tenant}`
  useEffect(() => {
    if (!isFirst.current) main.current?.focus()
    isFirst.current = false
  }, [where])
  return (
    <main ref={main} id="content" tabIndex={-1}>
      {pageFor(apiKey, place)}
    </main>
  )
}
