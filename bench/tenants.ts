// The tenant as it runs locally, with and without its cache, and as it is deployed; and the floors beneath that.
import { join } from 'node:path'
import { projectRoot } from '../src/node/config/config.ts'
import type { Contender } from './contender.ts'
import type { Fill } from './fill.ts'
import { ask, type Call, getGroup, getSettings, postToken, putGroup, putSettings } from './operations.ts'

const API = '/hogwarts/identity_/api'
const TOKEN = '/identity_/connect/token'

// Whatever the shell has set for a tenant of its own is nothing to these. In CI, which keeps other servers quiet, `npm start` logs
// each request and caches no answer.
export const UNSET = { ISSUER: '', SIGNING_KEY: '', CI: '' }

const calls: Contender['calls'] = {
  'GET Setting': (origin) => authorized(origin, getSettings(`${origin}${API}/Setting`)),
  'PUT Setting': (origin) => authorized(origin, putSettings(`${origin}${API}/Setting`)),
  'GET Group': (origin) => authorized(origin, getGroup(`${origin}${API}/Group`)),
  'PUT Group': (origin) => authorized(origin, putGroup(`${origin}${API}/Group`)),
  'POST token': async (origin) => postToken(origin + TOKEN),
}

/** The tenant as `npm start` runs it. */
export const tenant: Contender = {
  name: 'tenant',
  kind: 'tenant',
  command: async (port, directory) => ({
    args: [join(projectRoot, 'src/node/local/start.ts')],
    env: { ...UNSET, PORT: String(port), STATE_DIR: join(directory, 'state') },
  }),
  calls,
}

/** The same tenant, reading its database for every request, with more or less in it. */
export const uncachedTenant = (name = 'tenant, cache off', fill: Partial<Fill> = {}): Contender => ({
  name,
  kind: 'tenant',
  command: async (port, directory) => ({
    args: [join(import.meta.dirname, 'uncached-server.ts'), JSON.stringify(fill)],
    env: { ...UNSET, PORT: String(port), STATE_DIR: join(directory, 'state') },
  }),
  calls,
})

/** The same tenant on the standard runtime, reading D1 for every request as a deployment does. */
export const deployedTenant: Contender = {
  name: 'tenant, as deployed',
  kind: 'tenant',
  command: async (port, directory) => ({
    args: [join(import.meta.dirname, 'deployed-tenant.ts')],
    env: { ...UNSET, PORT: String(port), STATE_DIR: join(directory, 'state') },
  }),
  calls,
}

/** Hono and one statement on the standard runtime. */
export const floor: Contender = {
  name: 'floor',
  kind: 'floor',
  command: async (port, directory) => ({
    args: [join(import.meta.dirname, 'floor.ts')],
    env: { PORT: String(port), STATE_DIR: join(directory, 'state') },
  }),
  calls: {
    'GET Setting': async (origin) => getSettings(`${origin}/Setting`),
    'PUT Setting': async (origin) => putSettings(`${origin}/Setting`),
  },
}

/** The same in a D1 session, which a deployment opens for each request. */
export const sessionFloor: Contender = {
  ...floor,
  name: 'floor, in a D1 session',
  command: async (...place) => {
    const { args, ...rest } = await floor.command(...place)
    return { args: [...args, 'session'], ...rest }
  },
}

/** RS256 by WebCrypto and nothing else, on the runtime of the local tenant. */
export const signer: Contender = {
  name: 'signature alone',
  kind: 'floor',
  command: async (port, directory) => ({
    args: [join(import.meta.dirname, 'signer.ts')],
    env: { PORT: String(port), STATE_DIR: join(directory, 'state') },
  }),
  calls: { 'POST token': async (origin) => postToken(origin) },
}

/** A Worker on the runtime of the local tenant that only answers. */
export const constant: Contender = {
  ...signer,
  name: 'a constant answer',
  calls: { 'GET Setting': async (origin) => getSettings(origin) },
}

async function authorized(origin: string, call: Call): Promise<Call> {
  const answer = await ask('POST token', postToken(origin + TOKEN))
  const { access_token: token }: { access_token: string } = JSON.parse(answer)
  return { ...call, headers: { ...call.headers, authorization: `Bearer ${token}` } }
}
