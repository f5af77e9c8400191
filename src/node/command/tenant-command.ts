// `identity-edge tenant …`: the tenants of a running identity-edge, one call each.
import { basename } from 'node:path'
import { noSuch } from '../../http/nearest.ts'
import { LOCAL_CONTROL_TOKEN } from '../../secrets/local-control-token.ts'
import { ControlClient, tenantPath } from '../client/control-client.ts'
import { createTenant, findOrCreateTenant } from '../client/find-tenant.ts'
import type { SeedDocument } from '../client/seed-document.ts'
import { readSeed } from '../client/test-tenant.ts'
import type { TenantDescription, TenantSummary } from '../client/wire.ts'
import { readArguments } from './arguments.ts'
import { UsageError } from './usage.ts'

interface Job {
  control: ControlClient
  name: string | undefined
  seed: string | undefined
  ttl: number | undefined
  journal: boolean
  json: boolean
}

interface Command {
  /** Options it has beside those that every command has. */
  readonly takes: readonly (keyof typeof OPTIONS)[]
  run(job: Job): Promise<string>
}

const EVERYWHERE = {
  url: { type: 'string' },
  'control-token': { type: 'string' },
  json: { type: 'boolean', default: false },
} as const

const OPTIONS = {
  ...EVERYWHERE,
  name: { type: 'string' },
  seed: { type: 'string' },
  ttl: { type: 'string' },
  journal: { type: 'boolean', default: false },
} as const

const COMMANDS: Readonly<Record<string, Command>> = {
  create: {
    takes: ['name', 'seed', 'ttl', 'journal'],
    run: async ({ control, name, seed, ttl, journal, json }) =>
      say(await createTenant(control, { name, seed, ttl, journal }), json),
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
    run: async (job) => {
      const name = required(job)
      await job.control.call('DELETE', tenantPath(name))
      return done(`${name} is removed`, job)
    },
  },

  reset: {
    takes: ['name'],
    run: async (job) => {
      const name = required(job)
      await job.control.call('POST', tenantPath(name, 'reset'))
      return done(`${name} is back at its seed`, job)
    },
  },

  dump: {
    takes: ['name'],
    run: async (job) => {
      const dump = await job.control.call<SeedDocument>('GET', tenantPath(required(job), 'dump'))
      return JSON.stringify(dump, undefined, 2)
    },
  },

  load: {
    takes: ['name', 'seed', 'ttl'],
    run: async ({ control, name, seed: file, ttl, json }) => {
      if (file === undefined) throw new UsageError('tenant load needs --seed FILE')
      const { description, created } = await plantFile(control, file, { name, ttl })
      if (created) return say(description, json)
      await control.call('PUT', tenantPath(description.name, 'dump'), { body: await readSeed(file) })
      return json ? JSON.stringify(description, undefined, 2) : `${description.name} holds what ${file} says`
    },
  },
}

const NAMES = Object.keys(COMMANDS).map((name) => `tenant ${name}`)

/**
 * Runs one command and returns what it prints.
 * @throws UsageError for a command line that means nothing
 */
export async function runTenantCommand(args: readonly string[], env: NodeJS.ProcessEnv): Promise<string> {
  const { values, positionals, given } = readArguments(args, OPTIONS)
  const [word = '', ...more] = positionals
  const command = Object.hasOwn(COMMANDS, word) ? COMMANDS[word] : undefined
  if (!command) throw new UsageError(word ? noSuch('command', `tenant ${word}`, NAMES) : 'tenant needs a command')
  if (more.length > 0) throw new UsageError(`${more.join(' ')} means nothing to tenant ${word}`)
  const takes: readonly string[] = [...Object.keys(EVERYWHERE), ...command.takes]
  const idle = given.find((name) => !takes.includes(name))
  if (idle !== undefined) throw new UsageError(`--${idle} means nothing to tenant ${word}`)
  const url = values.url ?? (env['IDENTITY_EDGE_URL'] || 'http://127.0.0.1:8787')
  if (!URL.canParse(url)) throw new UsageError(`--url must be a URL, not ${url}`)
  const controlToken = values['control-token'] ?? (env['CONTROL_TOKEN'] || LOCAL_CONTROL_TOKEN)
  const control = new ControlClient(url, controlToken)
  return await command.run({
    control,
    name: values.name,
    seed: values.seed,
    ttl: seconds(values.ttl),
    journal: values.journal,
    json: values.json,
  })
}

/** The tenant of the seed file: under the name given, or else that of the file. */
export async function plantFile(
  control: ControlClient,
  file: string,
  { name, ttl }: { name?: string | undefined; ttl?: number | undefined } = {},
): Promise<{ description: TenantDescription; created: boolean }> {
  const seed = await readSeed(file)
  const inFile = basename(file).replace(/\..*$/, '')
  return await findOrCreateTenant(control, { name: name ?? inFile, seed, ttl, journal: false })
}

/** A new tenant in lines, or as JSON. */
export function say(tenant: TenantDescription, json = false): string {
  if (json) return JSON.stringify(tenant, undefined, 2)
  const lines = [
    `name     ${tenant.name}`,
    `id       ${tenant.id}`,
    `url      ${tenant.url}`,
    `expires  ${tenant.expiresAt ?? 'never'}`,
    ...tenant.clients.map(({ id, secret }) => `client   ${id} ${secret}`),
    ...(tenant.tokens.admin ? [`token    ${tenant.tokens.admin}`] : []),
  ]
  return lines.join('\n')
}

const done = (line: string, { name, json }: Job) => (json ? JSON.stringify({ name }) : line)

function required({ name }: Job): string {
  if (!name) throw new UsageError('this command needs --name NAME')
  return name
}

function seconds(ttl: string | undefined): number | undefined {
  if (ttl === undefined) return undefined
  if (!/^[1-9]\d{0,9}$/.test(ttl)) throw new UsageError(`--ttl must be a whole number of seconds, not ${ttl}`)
  return Number(ttl)
}
