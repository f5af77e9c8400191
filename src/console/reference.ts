// The API reference: Swagger UI on both OpenAPI documents. Calls made from it carry a token that this page fetches itself, of
// the tenant that is chosen, or the key for those of the control plane.
import type { TenantSummary } from '../node/library/wire.ts'
import { isEnough, type KeyKind } from './access.ts'
import { control, under } from './calls.ts'
import { addressOf, readReferenceAs } from './place.ts'
import { currentKey } from './session.ts'

interface UiRequest {
  url: string
  headers: Record<string, string>
}

interface UiResponse {
  readonly url: string
  readonly ok: boolean
  text: string
}

interface UiOptions {
  dom_id: string
  urls: readonly { name: string; url: string }[]
  presets: readonly unknown[]
  layout: string
  validatorUrl: null
  requestInterceptor: (request: UiRequest) => Promise<UiRequest>
  responseInterceptor: (response: UiResponse) => UiResponse
}

// The two scripts that stand before this one in the page define them.
declare const SwaggerUIBundle: { (options: UiOptions): unknown; presets: { apis: unknown } }
declare const SwaggerUIStandalonePreset: unknown

const DOCUMENTS = [
  { name: 'Identity API', url: '/identity_/swagger/external/swagger.json' },
  { name: 'Control plane', url: '/_control/openapi.json' },
]

async function start(): Promise<void> {
  const key = currentKey()
  if (key === null) {
    location.replace('/_control/')
    return
  }
  const { results } = await control<{ results: TenantSummary[] }>('GET', '/tenants?all=true')
  const chosen = chooseFrom(results)
  SwaggerUIBundle({
    dom_id: '#reference',
    urls: DOCUMENTS,
    presets: [SwaggerUIBundle.presets.apis, SwaggerUIStandalonePreset],
    layout: 'StandaloneLayout',
    validatorUrl: null,
    requestInterceptor: (request) => authorized(request, key, chosen()),
    responseInterceptor: (response) => onlyOf(key, response),
  })
}

/** As whom the Identity API is called: a user by a client, or where none is named an application with all scopes. */
interface Chosen {
  readonly tenant: TenantSummary | undefined
  readonly user: string
  readonly client: string
}

/** Puts the choice on the page; returns what says what is chosen. What the address's fragment names is chosen first. */
function chooseFrom(tenants: readonly TenantSummary[]): () => Chosen {
  const as = readReferenceAs()
  const bar = document.createElement('header')
  bar.className = 'chooser'
  const back = document.createElement('a')
  back.href = `/_control/${addressOf()}`
  back.textContent = 'identity-edge'
  const select = document.createElement('select')
  select.append(...tenants.map(({ name }) => new Option(name, name, false, name === as.tenant)))
  const user = input(as.user, 'an application')
  const client = input(as.client, 'the first of users')
  bar.append(
    back,
    labelled('Tenant of the calls', select),
    labelled('As the user', user),
    labelled('By the client', client),
  )
  document.body.prepend(bar)
  return () => ({ tenant: tenants[select.selectedIndex], user: user.value.trim(), client: client.value.trim() })
}

function input(value: string, placeholder: string): HTMLInputElement {
  const element = document.createElement('input')
  Object.assign(element, { value, placeholder, autocomplete: 'off', spellcheck: false })
  return element
}

function labelled(text: string, element: HTMLElement): HTMLLabelElement {
  const label = document.createElement('label')
  label.append(`${text} `, element)
  return label
}

/** The request with what it needs to be let in; one of the Identity API at the address of the chosen tenant. */
async function authorized(request: UiRequest, key: string, chosen: Chosen): Promise<UiRequest> {
  const url = new URL(request.url, location.origin)
  // Whatever a document may name as its server, no credential goes to another one.
  if (url.origin !== location.origin) return request
  if (url.pathname.startsWith('/_control/')) return bearing(request, url, key)
  const { tenant } = chosen
  if (!url.pathname.startsWith('/identity_/api/') || !tenant) return request
  url.pathname = `/${encodeURIComponent(tenant.name)}${url.pathname}`
  return bearing(request, url, await tokenFor(tenant, chosen))
}

/** The document of the control plane without the operations that the key is not enough for. */
function onlyOf(key: string, response: UiResponse): UiResponse {
  if (!response.ok || !new URL(response.url, location.origin).pathname.endsWith('/_control/openapi.json'))
    return response
  const document: { paths: Record<string, Record<string, { 'x-key'?: KeyKind }>> } = JSON.parse(response.text)
  for (const operations of Object.values(document.paths)) {
    for (const [method, operation] of Object.entries(operations)) {
      if (!isEnough(key, operation['x-key'] ?? 'tenant')) delete operations[method]
    }
  }
  response.text = JSON.stringify(document)
  return response
}

async function tokenFor({ id }: TenantSummary, { user, client }: Chosen): Promise<string> {
  if (!user) return (await control<{ token: string }>('POST', under(id, 'tokens'), {})).token
  const json = { user, ...(client && { client }) }
  return (await control<{ access_token: string }>('POST', under(id, 'sign-ins'), json)).access_token
}

const bearing = (request: UiRequest, url: URL, token: string): UiRequest => ({
  ...request,
  url: url.href,
  headers: { ...request.headers, Authorization: `Bearer ${token}` },
})

await start()
