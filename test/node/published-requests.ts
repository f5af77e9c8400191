// What Cloudflare's published schema says of the D1 requests of a deployment: github.com/cloudflare/api-schemas, openapi.yaml,
// as of 2026-08-14. Facts alone; the Workers' part of it is not held here.

interface Published {
  /** The properties that the body may have. None: it has no body. */
  properties?: readonly string[]
  required?: readonly string[]
}

const D1: Readonly<Record<string, Published>> = {
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
}

/** How a request departs from the schema; undefined when it does not, or is none of D1's. */
export function departureOf(call: string, body: string): string | undefined {
  if (!call.includes(' d1/')) return undefined
  const published = D1[call]
  if (!published) return `${call} is not published`
  if (!published.properties) return body === '' ? undefined : `${call} has a body: ${body}`
  const sent: Record<string, unknown> = JSON.parse(body)
  const surplus = Object.keys(sent).filter((key) => !published.properties?.includes(key))
  const missing = (published.required ?? []).filter((key) => !(key in sent))
  if (call.startsWith('PUT') && JSON.stringify(sent['read_replication']) !== '{"mode":"auto"}') surplus.push('its mode')
  const wrong = [...surplus.map((key) => `+${key}`), ...missing.map((key) => `-${key}`)]
  return wrong.length > 0 ? `${call}: ${wrong.join(', ')}` : undefined
}
