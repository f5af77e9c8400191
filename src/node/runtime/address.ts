// The address a server listens on, and the URL and host names by which it is reached there.
import { isIP } from 'node:net'
import { networkInterfaces } from 'node:os'

/** Where a server listens unless told otherwise: nobody but this machine reaches it. */
export const HOST = '127.0.0.1'

/** Addresses that stand for all of the machine's own, with the one by which the machine itself reaches them. */
const WILDCARDS: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' }

/** Whether other machines may reach a server on this address. */
export const isExposed = (host: string) => !/^(?:127\.|::1$)/.test(host)

/** An address as it stands before a port: IPv6 in brackets. */
export const bracketed = (host: string) => (isIP(host) === 6 ? `[${host}]` : host)

/** The origin by which this machine reaches a server on that address. */
export const originAt = (host: string, port: number, https = false) =>
  `${https ? 'https' : 'http'}://${bracketed(WILDCARDS[host] ?? host)}:${port}`

/**
 * The hosts that a server on this address answers to beside loopback names. Addresses cannot be pointed elsewhere, so
 * that DNS rebinding does not concern them.
 */
export function hostsAt(host: string): string[] {
  if (!isExposed(host)) return []
  if (!Object.hasOwn(WILDCARDS, host)) return [bracketed(host)]
  const own = Object.values(networkInterfaces()).flatMap((addresses = []) => addresses)
  // An IPv6 address of one link has a zone behind it (`fe80::1%eth0`), which no URL has.
  return own.filter(({ internal }) => !internal).map(({ address }) => bracketed(address.split('%')[0] ?? address))
}
