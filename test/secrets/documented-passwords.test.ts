// The hashes of the documented organization's users: made of what was derived ahead, they are those of the passwords in its seed.
import { env } from 'cloudflare:workers'
import { expect, test } from 'vitest'
import { HOGWARTS, HOGWARTS_DERIVED, HOGWARTS_DOCUMENT } from '../../src/seed/hogwarts.ts'
import { hashPassword } from '../../src/users/password.ts'

test('they are as if they had been made of the passwords, and of every user that has one', async () => {
  const { users } = HOGWARTS_DOCUMENT as { users: { id: string; password?: string }[] }
  const withPassword = users.flatMap(({ id, password }) => (password === undefined ? [] : [{ id, password }]))
  expect([...HOGWARTS_DERIVED.keys()]).toEqual(withPassword.map(({ id }) => id))
  const { results } = await env.DB.prepare(
    'select e.id, u.password_hash as hash from users u join directory_entities e on e.seq = u.entity_seq where e.partition_id = ?',
  )
    .bind(HOGWARTS.id)
    .all<{ id: string; hash: string | null }>()
  const stored = new Map(results.map(({ id, hash }) => [id, hash]))
  for (const { id, password } of withPassword) expect(stored.get(id)).toBe(await hashPassword(env, id, password))
})
