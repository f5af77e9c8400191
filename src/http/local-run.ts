// What a local run does not trust: hosts and origins that a web page in the developer's browser may come from. Its secrets are
// known to everybody, so whoever may read its answers may do anything.
import { listed } from './listed.ts'

/** Whether this is `npm start`, `npm run dev` or a test, and not a deployment. */
export const isLocalRun = ({ EMBEDDED, LOCAL }: Cloudflare.Env) => Boolean(EMBEDDED || LOCAL)

// By name or address, at any port. Browsers resolve `localhost` and all below it to loopback, whatever a DNS server says.
const LOOPBACK = /^https?:\/\/(?:(?:[\w-]+\.)*localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d+)?(?![^/?#])/i

/** Whether a URL, or an origin, is at a loopback address. Read off the text, as every request is asked. */
export const isLoopback = (url: string) => LOOPBACK.test(url)

/**
 * Whether a local run answers to the host of `url`. A page of another name whose DNS entry is changed to 127.0.0.1 once it
 * is loaded (DNS rebinding) has the origin of the server for its browser, so that CORS does not keep it out.
 */
export const answersToHost = (url: string, { ALLOWED_HOSTS = '' }: Cloudflare.Env) =>
  isLoopback(url) || listed(ALLOWED_HOSTS.toLowerCase()).includes(hostnameOf(url))

/** The host of a URL without its port, in lower case. */
const hostnameOf = (url: string) => URL.parse(url)?.hostname ?? ''
