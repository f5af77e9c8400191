// Where in the console one is, as the address's fragment has it: `#/{page}`, or `#/tenants/{tenant}/{page}`.
import { useEffect, useState } from 'preact/hooks'

export interface Place {
  readonly tenant: string | undefined
  readonly page: string
}

const OF_TENANT = /^#\/tenants\/([^/]+)(?:\/([a-z]+))?/

function readPlace(): Place {
  const [, tenant, page = 'overview'] = OF_TENANT.exec(location.hash) ?? []
  if (tenant !== undefined) return { tenant: decodeURIComponent(tenant), page }
  return { tenant, page: /^#\/([a-z]+)$/.exec(location.hash)?.[1] ?? 'tenants' }
}

/** The address of a page of a tenant, or of one beside the tenants. */
export const addressOf = (tenant?: string, page = tenant === undefined ? '' : 'overview'): string =>
  tenant === undefined ? `#/${page}` : `#/tenants/${encodeURIComponent(tenant)}/${page}`

/** As whom the API reference calls: a user by a client, or without a user an application. */
export interface As {
  readonly tenant: string
  readonly user: string
  readonly client: string
}

/** The address of the API reference with whom it calls as. */
export const referenceAs = (as: As): string => `/_control/reference#${new URLSearchParams({ ...as })}`

export function readReferenceAs(): As {
  const named = new URLSearchParams(location.hash.slice(1))
  return { tenant: named.get('tenant') ?? '', user: named.get('user') ?? '', client: named.get('client') ?? '' }
}

export function usePlace(): Place {
  const [place, setPlace] = useState(readPlace)
  useEffect(() => {
    const read = () => setPlace(readPlace())
    addEventListener('hashchange', read)
    return () => removeEventListener('hashchange', read)
  }, [])
  return place
}
