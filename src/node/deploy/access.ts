// Finds the credentials and the account that wrangler would use.
import { StartFailure } from '../start-failure.ts'
import { type Credentials, callApi } from './cloudflare.ts'
import type { RawConfig } from './target.ts'
import type { Wrangler } from './wrangler.ts'

/** An account, and the credentials for calls in it. */
export interface Access {
  accountId: string
  credentials: Credentials
}

/**
 * The account of wrangler.toml or CLOUDFLARE_ACCOUNT_ID, else the only one that the login reaches.
 * @throws StartFailure when nobody is logged in, or when several accounts could be meant
 */
export async function findAccess({ account_id: configured }: RawConfig, wrangler: Wrangler): Promise<Access> {
  const credentials = await findCredentials(wrangler)
  const known = typeof configured === 'string' ? configured : process.env['CLOUDFLARE_ACCOUNT_ID']
  if (known) return { accountId: known, credentials }
  const accounts = await callApi<{ id: string; name: string }[]>('GET', 'accounts', credentials)
  const [only, ...others] = accounts
  if (only === undefined) throw new StartFailure('the login reaches no account: set CLOUDFLARE_ACCOUNT_ID')
  if (others.length > 0) {
    const list = accounts.map(({ id, name }) => `${id} (${name})`).join(', ')
    throw new StartFailure(`the login reaches several accounts: set CLOUDFLARE_ACCOUNT_ID to one of ${list}`)
  }
  return { accountId: only.id, credentials }
}

type Login = { type: 'oauth' | 'api_token'; token: string } | { type: 'api_key'; key: string; email: string }

async function findCredentials(wrangler: Wrangler): Promise<Credentials> {
  const token = process.env['CLOUDFLARE_API_TOKEN']
  if (token) return { authorization: `Bearer ${token}` }
  // wrangler renews a login that has expired.
  const { code, stdout } = await wrangler(['auth', 'token', '--json'])
  if (code !== 0) {
    throw new StartFailure('wrangler is not logged in: run `npx wrangler login`, or set CLOUDFLARE_API_TOKEN')
  }
  const login: Login = JSON.parse(stdout.slice(stdout.indexOf('{')))
  return login.type === 'api_key'
    ? { 'x-auth-key': login.key, 'x-auth-email': login.email }
    : { authorization: `Bearer ${login.token}` }
}
