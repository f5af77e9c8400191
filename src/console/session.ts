// The key of the control plane. It comes in the address's fragment, which browsers send to no server, or is typed in; it is
// kept for this tab alone.
import { useEffect, useState } from 'preact/hooks'

const STORED = 'identity-edge.key'

const listeners = new Set<() => void>()

/**
 * Takes `#key=…` out of the address, so that the key is in no bookmark, history or picture of the screen. The page that
 * `&to=` names, or the first one, takes its place.
 */
export function takeKeyFromAddress(): void {
  const given = /^#key=([^&]+)(?:&to=(.*))?$/.exec(location.hash)
  if (!given) return
  const [, key = '', to = ''] = given
  history.replaceState(null, '', `${location.pathname}${to ? `#${decodeURIComponent(to)}` : ''}`)
  keepKey(decodeURIComponent(key))
}

export const currentKey = (): string | null => sessionStorage.getItem(STORED)

export function keepKey(key: string): void {
  sessionStorage.setItem(STORED, key)
  for (const listener of listeners) listener()
}

export function forgetKey(): void {
  sessionStorage.removeItem(STORED)
  for (const listener of listeners) listener()
}

/** The key; null while there is none. */
export function useKey(): string | null {
  const [key, setKey] = useState(currentKey)
  useEffect(() => {
    const listener = () => setKey(currentKey())
    listeners.add(listener)
    // An address with a key may be put into the tab of an open console.
    addEventListener('hashchange', takeKeyFromAddress)
    return () => {
      listeners.delete(listener)
      removeEventListener('hashchange', takeKeyFromAddress)
    }
  }, [])
  return key
}
