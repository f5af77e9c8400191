// The commands that make, keep and remove tenants: `identity-edge tenant create` and the like.
import { basename } from 'node:path'
import { type ControlClient, tenantPath } from '../library/control-client.ts'
import { readSeed } from '../library/read-seed.ts'
import type { SeedDocument } from '../library/seed-document.ts'
import { createTenant, findOrCreateTenant } from '../library/tenants.ts'
import type { Snapshot, TenantDescription, TenantSummary } from '../library/wire.ts'
import { asJson, type OptionName, readWhole, requireName, type Values } from './tenant-options.ts'
import { UsageError } from './usage.ts'

/** One command of `identity-edge tenant`. */
export interface TenantCommand {
  readonly summary: string
  /** The options it takes beside those of every command. */
  readonly takes: readonly OptionName[]
  /** Resolves with the text to print. */
  run(control: ControlClient, values: Values): Promise<string>
}

type Loaded = Pick<TenantDescription, 'passwordsToSet'>

/** The line that names the users whose passwords have to be set anew, if there are any. */
const lostPasswords = ({ passwordsToSet = [] }: Loaded = {}) =>
  passwordsToSet.length > 0 ? [`set anew: the passwords of ${passwordsToSet.join(', ')}`] : []

/** In CI a run that is cut off leaves its tenants behind: there they have a time to live unless told otherwise. */
const DAY_S = 86_400
const ttlOf = ({ ttl }: Values) => readWhole('ttl', ttl, 'seconds') ?? (process.env['CI'] ? DAY_S : undefined)

export const TENANT_COMMANDS: Readonly<Record<string, TenantCommand>> = {
  create: {
    summary: 'make one',
    takes: ['name', 'seed', 'ttl', 'journal'],
    run: async (control, { name, seed, journal = false, json, ...values }) => {
      const request = { name, seed, ttl: ttlOf(values), journal, tokens: ['admin'] } as const
      return formatTenant(await createTenant(control, request), json)
    },
  },

  list: {
    summary: 'all of them',
    takes: [],
    run: async (control, { json }) => {
      const { results } = await control.call<{ results: TenantSummary[] }>('GET', '/tenants')
      if (json) return asJson(results)
      return results.map(({ name, url, expiresAt }) => `${name}  ${url}  ${expiresAt ?? 'kept'}`).join('\n')
    },
  },

  delete: {
    summary: 'remove one',
    takes: ['name'],
    run: async (control, values) => {
      const name = requireName(values)
      await control.call('DELETE', tenantPath(name))
      return outcome(`${name} is removed`, values)
    },
  },

  fork: {
    summary: 'make one that begins as another stands',
    takes: ['name', 'as', 'ttl', 'journal'],
    run: async (control, { as, journal = false, json, ...values }) => {
      const body = { name: as, ttl: ttlOf(values), journal, tokens: ['admin'] }
      const path = tenantPath(requireName(values), 'fork')
      return formatTenant(await control.call<TenantDescription>('POST', path, { body }), json)
    },
  },

  reset: {
    summary: 'put one back to its seed',
    takes: ['name'],
    run: async (control, values) => {
      const name = requireName(values)
      await control.call('POST', tenantPath(name, 'reset'))
      return outcome(`${name} is back at its seed`, values)
    },
  },

  snapshot: {
    summary: 'keep the state of one under a name',
    takes: ['name', 'snapshot'],
    run: async (control, values) => {
      const { snapshot = 'default', json } = values
      const kept = await control.call<Snapshot>('PUT', tenantPath(requireName(values), 'snapshots', snapshot))
      return json ? asJson(kept) : `${values.name} is kept as ${snapshot}`
    },
  },

  restore: {
    summary: 'put one back to a snapshot',
    takes: ['name', 'snapshot'],
    run: async (control, values) => {
      const { snapshot = 'default' } = values
      await control.call('POST', tenantPath(requireName(values), 'snapshots', snapshot, 'restore'))
      return outcome(`${values.name} is back at ${snapshot}`, values)
    },
  },

  dump: {
    summary: 'print the state of one, as a seed file',
    takes: ['name', 'password-hashes'],
    run: async (control, values) => {
      const query = { passwordHashes: values['password-hashes'] ?? false }
      return asJson(await control.call<SeedDocument>('GET', tenantPath(requireName(values), 'dump'), { query }))
    },
  },

  load: {
    summary: 'replace the state of one by a seed file; make it if it is not there',
    takes: ['name', 'seed', 'ttl'],
    run: async (control, { name, seed: file, json, ...values }) => {
      if (file === undefined) throw new UsageError('tenant load needs --seed FILE')
      const { description, created } = await ensureSeededTenant(control, file, { name, ttl: ttlOf(values) })
      if (created) return formatTenant(description, json)
      const path = tenantPath(description.name, 'dump')
      const loaded = await control.call<Loaded | undefined>('PUT', path, { body: await readSeed(file) })
      if (json) return asJson({ ...description, ...loaded })
      return [`${description.name} holds what ${file} says`, ...lostPasswords(loaded)].join('\n')
    },
  },
}

/** The tenant of that name, by default the file's, or a new one that is seeded from the file. */
export async function ensureSeededTenant(
  control: ControlClient,
  file: string,
  { name, ttl }: { name?: string | undefined; ttl?: number | undefined } = {},
): Promise<{ description: TenantDescription; created: boolean }> {
  const seed = await readSeed(file)
  const inFile = basename(file).replace(/\..*$/, '')
  return await findOrCreateTenant(control, { name: name ?? inFile, seed, ttl, journal: false, tokens: ['admin'] })
}

/** A new tenant as lines of text, or as JSON. */
function formatTenant(tenant: TenantDescription, json = false): string {
  if (json) return asJson(tenant)
  const lines = [
    `name     ${tenant.name}`,
    `id       ${tenant.id}`,
    `url      ${tenant.url}`,
    `expires  ${tenant.expiresAt ?? 'never'}`,
    ...tenant.clients.map(({ id, secret }) => `client   ${id} ${secret}`),
    ...lostPasswords(tenant),
    ...(tenant.tokens?.admin ? [`token    ${tenant.tokens.admin}`] : []),
  ]
  return lines.join('\n')
}

/** What a command has done, in a line or as JSON. */
export const outcome = (line: string, { name, json }: Values) => (json ? JSON.stringify({ name }) : line)
