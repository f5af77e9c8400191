// Where an invitation may lead: the page of the organization's own portal on which it is accepted.

/** Real server: the hosts of the portals (documented). Its gateway, api.uipath.com, is none (observed). */
const CLOUD = ['cloud.uipath.com', 'staging.uipath.com', 'alpha.uipath.com']

const PAGE = /^(?:\/([^/]+))?\/portal_\/acceptInvite\/?$/i

/**
 * The organizations that the address of a portal's acceptInvite page names, by name or id; undefined for any other address.
 * Real server: the organization's own portal, and nothing else (observed). Assumed: that is one at the tenant's own
 * address or at the vendor's, which names no other organization in its path, `organizationId` or `organizationName`.
 *
 * @param own URLs at the tenant's own address
 */
export function organizationsOfInvitePage(
  url: string | null | undefined,
  own: readonly string[],
): string[] | undefined {
  if (!url || !URL.canParse(url)) return undefined
  const { protocol, host, pathname, searchParams, username } = new URL(url)
  const page = PAGE.exec(pathname)
  const isPortal = CLOUD.includes(host) || own.some((one) => URL.canParse(one) && new URL(one).host === host)
  if (!page || !isPortal || username !== '' || !/^https?:$/.test(protocol)) return undefined
  const named = [...searchParams].filter(([name]) => /^organization(?:id|name)$/i.test(name)).map(([, value]) => value)
  return [...(page[1] ? [decoded(page[1])] : []), ...named]
}

/** A segment that cannot be decoded is no organization's name. */
function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}
