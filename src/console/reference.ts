// The API reference: Swagger UI on both OpenAPI documents. Calls made from it carry a token that this page fetches itself, of
// the tenant that is chosen, or the key for those of the control plane.
import type { TenantSummary } from '../node/library/wire.ts'
import { control, under } from './calls.ts'
import { addressOf } from './place.ts'
import { currentKey } from './session.ts'

interface UiRequest {
  url: string
  headers: Record<string, string>
}

interface UiOptions {
  dom_id: string
  urls: readonly { name: string; url: string }[]
  presets: readonly unknown[]
  layout: string
  validatorUrl: null
  requestInterceptor: (request: UiRequest) => Promise<UiRequest>
}

// The two scripts that stand before this one in the page define them.
declare const SwaggerUIBundle: { (options: UiOptions): unknown; presets: { apis: unknown } }
declare const SwaggerUIStandalonePreset: unknown

const DOCUMENTS = [
  { name: 'Identity API', url: '/identity_/swagger/external/swagger.json' },
  { name: 'Control plane', url: '/_control/openapi.json' },
]

const TENANT_LABEL = 'Tenant of the calls'

async function start(): Promise<void> {
  const key = currentKey()
  if (key === null) {
    location.replace('/_control/')
    return
  }
  const { results } = await control<{ results: TenantSummary[] }>('GET', '/tenants?all=true')
  const tenant = chooseFrom(results)
  SwaggerUIBundle({
    dom_id: '#reference',
    urls: DOCUMENTS,
    presets: [SwaggerUIBundle.presets.apis, SwaggerUIStandalonePreset],
    layout: 'StandaloneLayout',
    validatorUrl: null,
    requestInterceptor: (request) => authorized(request, key, tenant()),
  })
}

/** Puts a list of the tenants on the page; returns what says which one is chosen. */
function chooseFrom(tenants: readonly TenantSummary[]): () => TenantSummary | undefined {
  const bar = document.createElement('header')
  bar.className = 'chooser'
  const back = document.createElement('a')
  back.href = `/_control/${addressOf()}`
  back.textContent = 'identity-edge'
  const label = document.createElement('label')
  const select = document.createElement('select')
  select.append(...tenants.map(({ name }) => new Option(name)))
  label.append(`${TENANT_LABEL} `, select)
  bar.append(back, label)
  document.body.prepend(bar)
  return () => tenants[select.selectedIndex]
}

/** The request with what it needs to be let in; one of the Identity API at the address of the chosen tenant. */
async function authorized(request: UiRequest, key: string, tenant: TenantSummary | undefined): Promise<UiRequest> {
  const url = new URL(request.url, location.origin)
  // Whatever a document may name as its server, no credential goes to another one.
  if (url.origin !== location.origin) return request
  if (url.pathname.startsWith('/_control/')) return bearing(request, url, key)
  if (!url.pathname.startsWith('/identity_/api/') || !tenant) return request
  const { token } = await control<{ token: string }>('POST', under(tenant.id, 'tokens'), {})
  url.pathname = `/${encodeURIComponent(tenant.name)}${url.pathname}`
  return bearing(request, url, token)
}

const bearing = (request: UiRequest, url: URL, token: string): UiRequest => ({
  ...request,
  url: url.href,
  headers: { ...request.headers, Authorization: `Bearer ${token}` },
})

await start()
