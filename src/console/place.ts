// Where in the console one is, as the address's fragment has it: `#/tenants/{tenant}/{page}`.
import { useEffect, useState } from 'preact/hooks'

export interface Place {
  readonly tenant: string | undefined
  readonly page: string
}

const PATTERN = /^#\/tenants\/([^/]+)(?:\/([a-z]+))?/

function readPlace(): Place {
  const [, tenant, page = 'overview'] = PATTERN.exec(location.hash) ?? []
  return { tenant: tenant === undefined ? undefined : decodeURIComponent(tenant), page }
}

/** The address of a page of a tenant, or of the list of tenants. */
export const addressOf = (tenant?: string, page = 'overview'): string =>
  tenant === undefined ? '#/' : `#/tenants/${encodeURIComponent(tenant)}/${page}`

export function usePlace(): Place {
  const [place, setPlace] = useState(readPlace)
  useEffect(() => {
    const read = () => setPlace(readPlace())
    addEventListener('hashchange', read)
    return () => removeEventListener('hashchange', read)
  }, [])
  return place
}
