// What Cloudflare's published schema says of the requests of a deployment: github.com/cloudflare/api-schemas, openapi.yaml,
// as of 2026-08-14; the Workers' part as in the client that Cloudflare generates from it, cloudflare 7.3.0 of 2026-10-03.
// Facts alone.

interface Published {
  /** The properties that the body, or its part `metadata`, may have. None: it has no body. */
  properties?: readonly string[]
  required?: readonly string[]
  /** The body is a list of these. */
  list?: boolean
}

const METADATA = [
  ...['annotations', 'assets', 'bindings', 'body_part', 'cache_options', 'compatibility_date', 'compatibility_flags'],
  ...['exports', 'keep_assets', 'keep_bindings', 'limits', 'logpush', 'main_module', 'migrations', 'observability'],
  ...['package_dependencies', 'placement', 'tags', 'tail_consumers', 'usage_model'],
]

const REQUESTS: Readonly<Record<string, Published>> = {
  // d1-create-database
  'POST d1/database': {
    properties: ['name', 'jurisdiction', 'primary_location_hint', 'read_replication'],
    required: ['name'],
  },
  // d1-get-database, by id or name
  'GET d1/database/:': {},
  // d1-update-database
  'PUT d1/database/:': { properties: ['read_replication'], required: ['read_replication'] },
  // d1-delete-database
  'DELETE d1/database/:': {},
  // d1-query-database
  'POST d1/database/:/query': { properties: ['sql', 'params', 'batch'] },
  // d1-time-travel-get-bookmark, d1-time-travel-restore
  'GET d1/database/:/time_travel/bookmark': {},
  'POST d1/database/:/time_travel/restore': {},
  'GET workers/subdomain': {},
  'GET workers/workers/:': {},
  'GET workers/scripts/:/deployments': {},
  'GET workers/scripts/:/secrets': {},
  'GET workers/scripts/:/settings': {},
  'GET workers/scripts/:/subdomain': {},
  'GET workers/scripts/:/schedules': {},
  'GET workers/scripts/:/versions/:': {},
  'DELETE workers/scripts/:': {},
  // worker-script-upload-worker-module, as a form
  'PUT workers/scripts/:': { properties: METADATA },
  'POST workers/scripts/:/deployments': {
    properties: ['strategy', 'versions', 'annotations'],
    required: ['strategy', 'versions'],
  },
  'POST workers/scripts/:/assets-upload-session': { properties: ['manifest'], required: ['manifest'] },
  'POST workers/scripts/:/subdomain': { properties: ['enabled', 'previews_enabled'], required: ['enabled'] },
  // worker-cron-trigger-update-cron-triggers
  'PUT workers/scripts/:/schedules': { list: true, properties: ['cron'], required: ['cron'] },
}

/** What wrangler 4.156.2 sends beside it, published or not. */
const UNPUBLISHED: Readonly<Record<string, readonly string[]>> = { 'PUT workers/scripts/:': ['code_update_strategy'] }

/** What each kind of binding that a deployment uses has beside `name` and `type`. */
const BINDINGS: Readonly<Record<string, readonly string[]>> = {
  assets: [],
  d1: ['database_id', 'id'],
  inherit: ['old_name', 'version_id'],
  json: ['json'],
  plain_text: ['text'],
  ratelimit: ['namespace_id', 'simple'],
  secret_text: ['text'],
}

/** How a request departs from the schema; undefined when it does not, or is held by no part of it. */
export function departureOf(call: string, body: string): string | undefined {
  const published = REQUESTS[call]
  if (!published) return /^\w+ d1\//.test(call) ? `${call} is not published` : undefined
  if (!published.properties) return body === '' ? undefined : `${call} has a body: ${body}`
  const json: unknown = JSON.parse(metadataIn(body) ?? body)
  const sent = published.list ? listOf(json) : [recordOf(json)]
  const allowed = [...published.properties, ...(UNPUBLISHED[call] ?? [])]
  const wrong = sent.flatMap((one) => departures(one, { ...published, properties: allowed }))
  const [first = {}] = sent
  if (call === 'PUT d1/database/:' && JSON.stringify(first['read_replication']) !== '{"mode":"auto"}') {
    wrong.push('its mode')
  }
  return wrong.length > 0 ? `${call}: ${wrong.join(', ')}` : undefined
}

/** The part of a form that says what is uploaded. */
const metadataIn = (body: string) => /name="metadata"(?:\r\n[^\r\n]+)*\r\n\r\n(.*?)\r\n--/s.exec(body)?.[1]

function departures(sent: Record<string, unknown>, { properties = [], required = [] }: Published): string[] {
  const surplus = Object.keys(sent).filter((key) => !properties.includes(key))
  const missing = required.filter((key) => !(key in sent))
  return [
    ...surplus.map((key) => `+${key}`),
    ...missing.map((key) => `-${key}`),
    ...listOf(sent['bindings'] ?? []).flatMap(bindingDepartures),
  ]
}

function bindingDepartures({ name, type, ...rest }: Record<string, unknown>): string[] {
  const known = BINDINGS[String(type)]
  if (!known || typeof name !== 'string') return [`the binding ${name} of type ${type}`]
  return Object.keys(rest).flatMap((key) => (known.includes(key) ? [] : [`${key} of the binding ${name}`]))
}

const recordOf = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {}

const listOf = (value: unknown) => (Array.isArray(value) ? value : []).map(recordOf)
