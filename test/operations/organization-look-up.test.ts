// The two calls that command lines make once a user has signed in.
import { expect, test } from 'vitest'
import { adminOf, answer, call, createPartition, mint } from '../support/tenant.ts'

const LEFT_NAV = '/portal_/api/filtering/leftnav/tenantsAndOrganizationInfo'

test('the organization is that of the token, with one tenant', async () => {
  const id = await createPartition({ groups: [] })
  const token = await adminOf(id)
  const found = await answer<{ tenants: object[]; organization: object }>(await call('GET', LEFT_NAV, { token }))
  expect(found).toMatchObject({ tenants: [{ name: 'DefaultTenant' }], organization: { id } })
  expect(await answer(await call('GET', `/organization_/api/organization/${id}/AllInfo`, { token }))).toMatchObject({
    organization: { id },
    tenants: [{ name: 'DefaultTenant' }],
  })
})

test.each([
  ['no organization', undefined, 403],
  ['one that there is not, by a GUID', '0b7d1f0e-0000-4000-8000-00000000dead', 404],
  ['one that there is not, by another id', 'nowhere', 400],
])('a token of %s', async (_, partition, status) => {
  const token = await mint(partition === undefined ? {} : { prt_id: partition })
  await answer(await call('GET', LEFT_NAV, { token }), status)
})
