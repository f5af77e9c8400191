// One setting of the documented tenant, read and written over HTTP: what the tests look for after a restart.
import { expect } from 'vitest'

interface Access {
  url: string
  token: string
}

export async function writeSmtpPort({ url, token }: Access, value: string): Promise<void> {
  const response = await fetch(`${url}/identity_/api/Setting`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ settings: [{ key: 'Email.Smtp.Port', value }], partitionGlobalId: 'magic-7' }),
  })
  expect(response.ok, await response.text()).toBe(true)
}

export async function readSmtpPort({ url, token }: Access): Promise<string | undefined> {
  const response = await fetch(`${url}/identity_/api/Setting?partitionGlobalId=magic-7&key=Email.Smtp.Port`, {
    headers: { authorization: `Bearer ${token}` },
  })
  const body = await response.text()
  expect(response.status, body).toBe(200)
  return /"key":"Email.Smtp.Port","value":"(\d+)"/.exec(body)?.[1]
}
