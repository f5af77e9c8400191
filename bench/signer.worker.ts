// The least that a token takes: a Worker that signs with RS256, by WebCrypto, and answers. A GET it only answers, which is the least
// that any call takes.
const ALGORITHM = {
  name: 'RSASSA-PKCS1-v1_5',
  modulusLength: 2048,
  publicExponent: new Uint8Array([1, 0, 1]),
  hash: 'SHA-256',
}

const SETTINGS = Array.from({ length: 9 }, (_, id) => ({ id, key: `Key.${id}`, value: 'a value' }))

let key: CryptoKey | undefined

async function makeKey(): Promise<CryptoKey> {
  const pair = await crypto.subtle.generateKey(ALGORITHM, false, ['sign', 'verify'])
  if (!('privateKey' in pair)) throw new TypeError('it is no pair')
  return pair.privateKey
}

export default {
  fetch: (request) => (request.method === 'GET' ? Response.json(SETTINGS) : sign(request)),
} satisfies ExportedHandler

async function sign(request: Request): Promise<Response> {
  key ??= await makeKey()
  const signature = await crypto.subtle.sign(ALGORITHM.name, key, await request.arrayBuffer())
  return Response.json({ access_token: btoa(String.fromCharCode(...new Uint8Array(signature))) })
}
