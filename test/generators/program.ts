// A program that is typed by our OpenAPI document alone, as openapi-typescript reads it. It does what a client does, and prints
// what came of it. The arguments are the address of a server and a control token.
import createClient from 'openapi-fetch'
import type { paths as ControlPaths, components } from './control.ts'
import type { components as Dtos, paths } from './external.ts'

const [, , origin = '', controlToken = ''] = process.argv

/** What was answered, or an error with all that was said instead. */
function must<Data>({ data, error, response }: { data?: Data; error?: unknown; response: Response }): Data {
  if (data === undefined) throw new Error(`${response.url}: ${response.status} ${JSON.stringify(error)}`)
  return data
}

const control = createClient<ControlPaths>({ baseUrl: origin, headers: { Authorization: `Bearer ${controlToken}` } })
const tenant: components['schemas']['CreatedTenant'] = must(
  await control.POST('/_control/tenants', { body: { ttl: 600, seed: { users: [{ userName: 'ada' }] } } }),
)
const partitionGlobalId = tenant.id

const api = createClient<paths>({ baseUrl: `${origin}/identity_` })
const [{ id: client_id = '', secret: client_secret = '' } = {}] = tenant.clients
const { access_token, expires_in } = must(
  await api.POST('/connect/token', {
    body: { grant_type: 'client_credentials', client_id, client_secret },
    bodySerializer: (body) => new URLSearchParams(Object.entries({ ...body })),
    headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
  }),
)
const headers = { Authorization: `Bearer ${access_token}` }

const written = must(
  await api.PUT('/api/Setting', {
    headers,
    body: { partitionGlobalId, settings: [{ key: 'Email.Smtp.Port', value: '587' }] },
  }),
)
const read = must(
  await api.GET('/api/Setting', {
    headers,
    params: { query: { partitionGlobalId, key: ['Email.Smtp.Port', 'none'] } },
  }),
)

const users = must(
  await api.GET('/api/User/users/{partitionGlobalId}', {
    headers,
    params: { path: { partitionGlobalId }, query: { top: 5, skip: 0, sortBy: 'UserName', sortOrder: 'desc' } },
  }),
)
const [user] = users.results ?? []

const group: Dtos['schemas']['GroupDto'] = must(
  await api.POST('/api/Group', {
    headers,
    body: { partitionGlobalId, id: crypto.randomUUID(), name: 'Accountants', directoryUserMemberIDs: [user?.id ?? ''] },
  }),
)
const path = { partitionGlobalId, groupId: group.id ?? '' }
const renamed = must(
  await api.PUT('/api/Group/{groupId}', {
    headers,
    params: { path },
    body: { partitionGlobalId, name: 'Bookkeepers' },
  }),
)
const kinds = renamed.members?.map((member) => (member.objectType === 'DirectoryUser' ? member.firstName : member.name))

const refused = await api.POST('/api/Group', {
  headers,
  body: { partitionGlobalId, id: crypto.randomUUID(), name: 'Bookkeepers' },
})
const removed = await api.DELETE('/api/Group/{partitionGlobalId}/{groupId}', { headers, params: { path } })
await control.DELETE('/_control/tenants/{tenant}', { params: { path: { tenant: partitionGlobalId } } })

console.log(
  JSON.stringify({
    expires_in,
    written: written.map(({ key, value }) => [key, value]),
    read: read.length,
    users: [users.totalCount, user?.userName],
    group: [renamed.name, renamed.type, kinds?.length],
    refused: [refused.response.status, refused.error && 'errorMessage' in refused.error],
    removed: removed.response.status,
  }),
)
