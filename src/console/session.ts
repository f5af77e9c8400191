// The key of the control plane. It comes in the address's fragment, which browsers send to no server, or is typed in; it is
// kept for this tab alone.
const STORED = 'identity-edge.key'

/** Takes `#key=…` out of the address, so that the key is in no bookmark, history or picture of the screen. */
export function takeKeyFromAddress(): void {
  const given = /^#key=([^&]+)(?:&to=(.*))?$/.exec(location.hash)
  if (!given) return
  const [, key = '', to = ''] = given
  keepKey(decodeURIComponent(key))
  history.replaceState(null, '', `${location.pathname}${to ? `#${decodeURIComponent(to)}` : ''}`)
}

export const currentKey = (): string | null => sessionStorage.getItem(STORED)

export const keepKey = (key: string): void => sessionStorage.setItem(STORED, key)

export const forgetKey = (): void => sessionStorage.removeItem(STORED)
