// Settings of a test's tenant over HTTP, as the code under test would ask for them.
import type { TestTenant } from '../../src/node/library/test-tenant.ts'

const api = ({ url }: TestTenant) => `${url}/identity_/api/Setting`

export async function putSetting(tenant: TestTenant, key: string, value: string): Promise<number> {
  const response = await fetch(api(tenant), {
    method: 'PUT',
    headers: { authorization: `Bearer ${await tenant.token()}`, 'content-type': 'application/json' },
    body: JSON.stringify({ partitionGlobalId: tenant.id, settings: [{ key, value }] }),
  })
  await response.text()
  return response.status
}

/** Undefined when it is not set. */
export async function readSetting(tenant: TestTenant, key: string): Promise<string | undefined> {
  const query = new URLSearchParams({ partitionGlobalId: tenant.id, key })
  const headers = { authorization: `Bearer ${await tenant.token()}` }
  const response = await fetch(`${api(tenant)}?${query}`, { headers })
  const settings: { value: string }[] = JSON.parse(await response.text())
  return settings[0]?.value
}
