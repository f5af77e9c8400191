// Tokens are signed by our own few lines; jose, which clients verify them with, would have made the same text.
import { env } from 'cloudflare:workers'
import { jwtVerify, SignJWT } from 'jose'
import { expect, test } from 'vitest'
import { keyRing } from '../../src/auth/keys.ts'
import { signToken } from '../../src/connect/issue-token.ts'

test.each([
  ['text of any script', { sub: 'Łucja 李', client_id: '𐐨"\\\u2028' }],
  [
    'lists, objects, numbers, and what is left out',
    { aud: ['one', 'two'], nested: { a: [1.5, null] }, left: undefined },
  ],
  ['nothing', {}],
])('a token is what jose makes of the same claims: %s', async (_, claims) => {
  const ring = await keyRing(env)
  const { kid, key } = ring.signing
  for (const typ of ['at+jwt', 'JWT']) {
    const theirs = await new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid, typ }).sign(key)
    expect(await signToken(ring, claims, kid, typ)).toBe(theirs)
  }
  await expect(jwtVerify(await signToken(ring, claims), ring.verificationKey)).resolves.toMatchObject({
    protectedHeader: { kid, typ: 'at+jwt' },
  })
})
