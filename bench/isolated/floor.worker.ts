// The least that the five calls of an isolated test take: a statement for each, and one RS256 signature.
interface Body {
  id: string
  key: string
  value: string
}

const TABLE = 'create table if not exists floor (id text, key text, value text, primary key (id, key))'

let signing: Promise<CryptoKey> | undefined

async function makeKey(): Promise<CryptoKey> {
  const algorithm = {
    name: 'RSASSA-PKCS1-v1_5',
    modulusLength: 2048,
    publicExponent: new Uint8Array([1, 0, 1]),
    hash: 'SHA-256',
  }
  const pair = await crypto.subtle.generateKey(algorithm, false, ['sign', 'verify'])
  if (!('privateKey' in pair)) throw new TypeError('it is no pair')
  return pair.privateKey
}

async function token(env: Cloudflare.Env, { id }: Body): Promise<Response> {
  signing ??= makeKey()
  await env.DB.prepare('select id from floor where id = ?').bind(id).all()
  const claims = new TextEncoder().encode(JSON.stringify({ id, at: Date.now() }))
  const signature = await crypto.subtle.sign('RSASSA-PKCS1-v1_5', await signing, claims)
  return new Response(btoa(String.fromCharCode(...new Uint8Array(signature))))
}

async function write(env: Cloudflare.Env, { id, key, value }: Body): Promise<Response> {
  await env.DB.prepare('insert or replace into floor values (?, ?, ?)').bind(id, key, value).run()
  return new Response()
}

export default {
  async fetch(request, env): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url)
    const id = searchParams.get('id')
    switch (`${request.method} ${pathname}`) {
      case 'POST /tenant':
      case 'PUT /setting':
        return write(env, await request.json())
      case 'POST /token':
        return token(env, await request.json())
      case 'GET /setting':
        return Response.json((await env.DB.prepare('select * from floor where id = ?').bind(id).all()).results)
      case 'DELETE /tenant':
        await env.DB.prepare('delete from floor where id = ?').bind(id).run()
        return new Response()
      default:
        await env.DB.prepare(TABLE).run()
        return new Response('up')
    }
  },
} satisfies ExportedHandler<Cloudflare.Env>
