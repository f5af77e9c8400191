// Cloudflare's REST API with wrangler's own login, for what wrangler has no command for.
import type { Account } from './account.ts'
import type { Web } from './check.ts'

/** Where the API is; wrangler takes the same variable. */
const baseUrl = () => process.env['CLOUDFLARE_API_BASE_URL'] ?? 'https://api.cloudflare.com/client/v4'

interface Answer<Result> {
  readonly success: boolean
  readonly errors: readonly { code: number; message: string }[]
  readonly result: Result
}

/** Calls on one account. */
export class RestApi {
  readonly #fetch: typeof fetch
  readonly #base: string
  readonly #headers: Readonly<Record<string, string>>

  private constructor(web: Web, base: string, headers: Readonly<Record<string, string>>) {
    this.#fetch = web.fetch
    this.#base = base
    this.#headers = headers
  }

  /** @throws StartFailure when wrangler has no login, or one of several accounts */
  static async connect(account: Account, web: Web): Promise<RestApi> {
    const headers = { ...(await account.authorization()), 'content-type': 'application/json' }
    return new RestApi(web, `${baseUrl()}/accounts/${await account.id()}`, headers)
  }

  /** Calls a path below the account. The caller states the result's type. @throws Error with what the API says */
  async call<Result>(method: 'GET' | 'PUT', path: string, body?: unknown): Promise<Result> {
    const { fetch } = { fetch: this.#fetch }
    const response = await fetch(`${this.#base}/${path}`, {
      method,
      headers: this.#headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const { success, errors, result }: Answer<Result> = JSON.parse(await response.text())
    if (!success) throw new Error(errors.map(({ code, message }) => `${message} [code: ${code}]`).join('; '))
    return result
  }
}
