// `identity-edge tenant …`: commands for the tenants of a running server, local or deployed.
import { basename } from 'node:path'
import { noSuch } from '../../http/nearest.ts'
import { LOCAL_CONTROL_TOKEN } from '../../secrets/local-control-token.ts'
import { ControlClient, tenantPath } from '../library/control-client.ts'
import { readSeed } from '../library/read-seed.ts'
import type { SeedDocument } from '../library/seed-document.ts'
import { createTenant, findOrCreateTenant } from '../library/tenants.ts'
import type { TenantDescription, TenantSummary } from '../library/wire.ts'
import { readArguments } from './arguments.ts'
import { UsageError } from './usage.ts'

interface Invocation {
  control: ControlClient
  name: string | undefined
  seed: string | undefined
  ttl: number | undefined
  journal: boolean
  passwordHashes: boolean
  json: boolean
}

type Loaded = Pick<TenantDescription, 'passwordsToSet'>

/** The line that names the users whose passwords have to be set anew, if there are any. */
const lostPasswords = ({ passwordsToSet = [] }: Loaded = {}) =>
  passwordsToSet.length > 0 ? [`set anew: the passwords of ${passwordsToSet.join(', ')}`] : []

interface Command {
  /** The options it takes beside those of every command. */
  readonly takes: readonly (keyof typeof OPTIONS)[]
  run(invocation: Invocation): Promise<string>
}

const COMMON_OPTIONS = {
  url: { type: 'string' },
  'control-token': { type: 'string' },
  json: { type: 'boolean', default: false },
} as const

const OPTIONS = {
  ...COMMON_OPTIONS,
  name: { type: 'string' },
  seed: { type: 'string' },
  ttl: { type: 'string' },
  journal: { type: 'boolean', default: false },
  'password-hashes': { type: 'boolean', default: false },
} as const

const COMMANDS: Readonly<Record<string, Command>> = {
  create: {
    takes: ['name', 'seed', 'ttl', 'journal'],
    run: async ({ control, name, seed, ttl, journal, json }) =>
      formatTenant(await createTenant(control, { name, seed, ttl, journal, tokens: ['admin'] }), json),
  },

  list: {
    takes: [],
    run: async ({ control, json }) => {
      const { results } = await control.call<{ results: TenantSummary[] }>('GET', '/tenants')
      if (json) return JSON.stringify(results, undefined, 2)
      return results.map(({ name, url, expiresAt }) => `${name}  ${url}  ${expiresAt ?? 'kept'}`).join('\n')
    },
  },

  delete: {
    takes: ['name'],
    run: async (invocation) => {
      const name = requiredName(invocation)
      await invocation.control.call('DELETE', tenantPath(name))
      return formatOutcome(`${name} is removed`, invocation)
    },
  },

  reset: {
    takes: ['name'],
    run: async (invocation) => {
      const name = requiredName(invocation)
      await invocation.control.call('POST', tenantPath(name, 'reset'))
      return formatOutcome(`${name} is back at its seed`, invocation)
    },
  },

  dump: {
    takes: ['name', 'password-hashes'],
    run: async (invocation) => {
      const { control, passwordHashes } = invocation
      const path = tenantPath(requiredName(invocation), 'dump')
      const dump = await control.call<SeedDocument>('GET', path, { query: { passwordHashes } })
      return JSON.stringify(dump, undefined, 2)
    },
  },

  load: {
    takes: ['name', 'seed', 'ttl'],
    run: async ({ control, name, seed: file, ttl, json }) => {
      if (file === undefined) throw new UsageError('tenant load needs --seed FILE')
      const { description, created } = await ensureSeededTenant(control, file, { name, ttl })
      if (created) return formatTenant(description, json)
      const path = tenantPath(description.name, 'dump')
      const loaded = await control.call<Loaded | undefined>('PUT', path, { body: await readSeed(file) })
      if (json) return JSON.stringify({ ...description, ...loaded }, undefined, 2)
      return [`${description.name} holds what ${file} says`, ...lostPasswords(loaded)].join('\n')
    },
  },
}

const NAMES = Object.keys(COMMANDS).map((name) => `tenant ${name}`)

/**
 * Runs one command and returns the text to print.
 * @throws UsageError for an unknown command, an option that the command does not take, or a value that is not valid
 * @throws ControlError when the control plane refuses the call
 */
export async function runTenantCommand(args: readonly string[], env: NodeJS.ProcessEnv): Promise<string> {
  const { values, positionals, given } = readArguments(args, OPTIONS)
  const [word = '', ...more] = positionals
  const command = Object.hasOwn(COMMANDS, word) ? COMMANDS[word] : undefined
  if (!command) throw new UsageError(word ? noSuch('command', `tenant ${word}`, NAMES) : 'tenant needs a command')
  if (more.length > 0) throw new UsageError(`${more.join(' ')} means nothing to tenant ${word}`)
  const takes: readonly string[] = [...Object.keys(COMMON_OPTIONS), ...command.takes]
  const unused = given.find((name) => !takes.includes(name))
  if (unused !== undefined) throw new UsageError(`--${unused} means nothing to tenant ${word}`)
  const url = values.url ?? (env['IDENTITY_EDGE_URL'] || 'http://127.0.0.1:8787')
  if (!URL.canParse(url)) throw new UsageError(`--url must be a URL, not ${url}`)
  const controlToken = values['control-token'] ?? (env['CONTROL_TOKEN'] || LOCAL_CONTROL_TOKEN)
  const control = new ControlClient(url, controlToken)
  return await command.run({
    control,
    name: values.name,
    seed: values.seed,
    ttl: parseSeconds(values.ttl),
    journal: values.journal,
    passwordHashes: values['password-hashes'],
    json: values.json,
  })
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
export function formatTenant(tenant: TenantDescription, json = false): string {
  if (json) return JSON.stringify(tenant, undefined, 2)
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

const formatOutcome = (line: string, { name, json }: Invocation) => (json ? JSON.stringify({ name }) : line)

function requiredName({ name }: Invocation): string {
  if (!name) throw new UsageError('this command needs --name NAME')
  return name
}

function parseSeconds(ttl: string | undefined): number | undefined {
  if (ttl === undefined) return undefined
  if (!/^[1-9]\d{0,9}$/.test(ttl)) throw new UsageError(`--ttl must be a whole number of seconds, not ${ttl}`)
  return Number(ttl)
}
