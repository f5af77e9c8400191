// The parameters of an authorization request, and where in their `acr_values` an organization is named.

const KNOWN = [
  ...['client_id', 'redirect_uri', 'response_type', 'response_mode', 'scope', 'state', 'nonce', 'prompt', 'max_age'],
  ...['login_hint', 'ui_locales', 'acr_values', 'code_challenge', 'code_challenge_method'],
] as const

type Name = (typeof KNOWN)[number]

const NAMES: ReadonlyMap<string, string> = new Map(KNOWN.map((name) => [name, name]))

export class Parameters {
  readonly #values: ReadonlyMap<string, string>

  constructor(values: ReadonlyMap<string, string>) {
    this.#values = values
  }

  /** The value; undefined if it is missing or blank. */
  get(name: Name): string | undefined {
    const value = this.#values.get(name)
    return value === undefined || value.trim() === '' ? undefined : value
  }

  /** The same with one of them changed, or left out. */
  with(name: Name, value: string | undefined): Parameters {
    const changed = new Map(this.#values)
    if (value === undefined) changed.delete(name)
    else changed.set(name, value)
    return new Parameters(changed)
  }

  /** As a query, in the order in which they came. */
  toString(): string {
    return [...this.#values]
      .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
      .join('&')
  }
}

/**
 * Reads the parameters of a query or form. Real server: names are matched in any case, and the values of one that comes twice
 * are joined by commas, so that none of them counts (.NET's collections).
 */
export function readParameters(text: string): Parameters {
  const values = new Map<string, string>()
  for (const [given, value] of new URLSearchParams(text)) {
    const name = NAMES.get(given.toLowerCase()) ?? given
    const before = values.get(name)
    values.set(name, before === undefined ? value : `${before},${value}`)
  }
  return new Parameters(values)
}

/** How a request names the organization that a user is to sign in to: by its id or by its name. */
export type Organization = { readonly id: string } | { readonly name: string }

/** Real server: `tenant:` and an id, or `tenantName:` and a name (documented). */
export function organizationOf(parameters: Parameters): Organization | undefined {
  for (const value of parameters.get('acr_values')?.split(/\s+/) ?? []) {
    const [, key = '', named = ''] = /^(tenant|tenantName):(.+)$/i.exec(value) ?? []
    if (key !== '') return key.toLowerCase() === 'tenant' ? { id: named } : { name: named }
  }
  return undefined
}

/** The parameters with the organization named by its id. Real server: so it does in the address it returns to (observed). */
export function nameOrganization(parameters: Parameters, id: string): Parameters {
  const others = (parameters.get('acr_values')?.split(/\s+/) ?? []).filter((value) => !/^tenant(?:Name)?:/i.test(value))
  return parameters.with('acr_values', [`tenant:${id}`, ...others].join(' '))
}
