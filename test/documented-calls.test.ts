import { exports } from 'cloudflare:workers'
import { expect, test } from 'vitest'

test('x', async () => {
  const t = await exports.default.fetch('http://tenant.example/identity_/connect/token', {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: 'host-admin',
      client_secret: 'host-admin-secret',
    }),
  })
  const { access_token } = await t.json<{ access_token: string }>()
  const h = { Authorization: `Bearer ${access_token}`, 'Content-Type': 'application/json' }
  const r = await exports.default.fetch(
    'http://tenant.example/identity_/api/Setting?partitionGlobalId=magic-7&key=Email.Smtp.Domain&key=Email.Smtp.Port',
    { headers: h },
  )
  console.log(r.status, await r.text())
  const s = await exports.default.fetch('http://tenant.example/identity_/api/Setting', {
    method: 'PUT',
    headers: h,
    body: JSON.stringify({
      partitionGlobalId: 'magic-7',
      settings: [
        { key: 'New', value: '1' },
        { key: 'Email.Smtp.Port', value: 'a' },
        { key: 'New2', value: null },
      ],
    }),
  })
  console.log(s.status, await s.text())
  const g = await exports.default.fetch('http://tenant.example/HOGWARTS/IDENTITY_/API/GROUP/MAGIC-7/GRYFF-01', {
    method: 'PUT',
    headers: h,
    body: JSON.stringify({
      partitionGlobalId: 'magic-7',
      name: 'Gryffindors',
      directoryUserIDsToAdd: ['lun-1302', 'nev-3007'],
    }),
  })
  console.log(g.status, await g.text())
  expect(r.status).toBe(200)
})
