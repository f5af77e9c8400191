// The options of `identity-edge tenant …`, with what help says of each.
import { SCENARIOS } from '../library/scenarios.ts'
import type { SeedDocument } from '../library/seed-document.ts'
import { UsageError } from './usage.ts'

interface Described {
  readonly type: 'string' | 'boolean'
  readonly multiple?: true
  /** What stands for the value in help; none for a switch. */
  readonly value?: string
  readonly meaning: string
}

const describe = <const Options extends Record<string, Described>>(options: Options) => options

const SCENARIO_NAMES = Object.keys(SCENARIOS).join(', ')

/** Options of every command. */
export const COMMON = describe({
  url: { type: 'string', value: 'URL', meaning: 'where it runs (IDENTITY_EDGE_URL, or http://127.0.0.1:8787)' },
  'control-token': { type: 'string', value: 'TOKEN', meaning: 'or a key (CONTROL_TOKEN, or local-control)' },
  json: { type: 'boolean', meaning: 'print JSON' },
  help: { type: 'boolean', meaning: 'this' },
})

export const OPTIONS = describe({
  ...COMMON,
  name: { type: 'string', value: 'NAME', meaning: 'which tenant; made up by create, that of the file by load' },
  seed: { type: 'string', value: 'FILE', meaning: 'its first state' },
  ttl: {
    type: 'string',
    value: 'SECONDS',
    meaning: 'until it is removed by itself; a tenant made in CI stays a day. Of a key: the longest time of a tenant',
  },
  journal: { type: 'boolean', meaning: 'write down its requests' },
  'password-hashes': { type: 'boolean', meaning: 'with the hashes of passwords' },
  as: { type: 'string', value: 'NAME', meaning: 'the name of the new one' },
  snapshot: { type: 'string', value: 'NAME', meaning: 'the name of the snapshot; default' },
  operation: { type: 'string', value: 'ID', meaning: 'only requests of this operation, such as Group_UpdateGroup' },
  method: { type: 'string', value: 'METHOD', meaning: 'only requests of this method' },
  status: { type: 'string', value: 'CODE', meaning: 'the status of the answer' },
  path: { type: 'string', value: 'TEXT', meaning: 'only requests whose path or query contains this' },
  limit: { type: 'string', value: 'NUMBER', meaning: 'the newest so many; 100' },
  format: { type: 'string', value: 'FORMAT', meaning: 'har, curl or http, with $TOKEN in the place of tokens' },
  kind: { type: 'string', value: 'KIND', meaning: 'status, drop, truncate, malformed or rateLimit' },
  delay: { type: 'string', value: 'MS', meaning: 'milliseconds to wait before the answer' },
  times: { type: 'string', value: 'NUMBER', meaning: 'how many requests go wrong; all' },
  scenario: { type: 'string', value: 'NAME', meaning: SCENARIO_NAMES },
  clear: { type: 'boolean', meaning: 'remove all' },
  set: { type: 'string', value: 'INSTANT', meaning: 'stop the clock at this time, such as 2030-01-01T00:00:00Z' },
  advance: { type: 'string', value: 'MS', meaning: 'move the clock' },
  release: { type: 'boolean', meaning: 'show the real time again' },
  scope: { type: 'string', multiple: true, value: 'SCOPE', meaning: 'a scope of the token, repeatable; all' },
  user: { type: 'string', value: 'ID', meaning: 'the user who is signed in' },
  expires: { type: 'string', value: 'SECONDS', meaning: 'the lifetime of the token or the key; 3600, 7776000' },
  team: { type: 'string', value: 'TEAM', meaning: 'the team of the key; keys of one team reach the same tenants' },
  tenants: { type: 'string', value: 'NUMBER', meaning: 'the tenants that the key may hold; 100' },
  rows: { type: 'string', value: 'NUMBER', meaning: 'the rows that each of them may hold; 100000' },
  id: { type: 'string', value: 'ID', meaning: 'which key' },
  broken: { type: 'string', value: 'HOW', meaning: 'expired, notYetValid, issuer, audience, tampered or kid' },
})

export type OptionName = keyof typeof OPTIONS

/** The values that were given, by name. */
export type Values = {
  readonly [Name in OptionName]?: (typeof OPTIONS)[Name] extends { multiple: true }
    ? string[]
    : (typeof OPTIONS)[Name]['type'] extends 'boolean'
      ? boolean
      : string
}

/** One line of help for each of the options. */
export function optionsHelp(names: readonly OptionName[]): string {
  return names
    .map((name) => {
      const { value, meaning }: Described = OPTIONS[name]
      return `  ${`--${name}${value ? ` ${value}` : ''}`.padEnd(24)} ${meaning}`
    })
    .join('\n')
}

/** @throws UsageError for anything but a whole number from 1 on */
export function readWhole(option: OptionName, text: string | undefined, unit = ''): number | undefined {
  if (text === undefined) return undefined
  if (!/^[1-9]\d{0,9}$/.test(text)) {
    throw new UsageError(`--${option} must be a whole number${unit && ` of ${unit}`}, not ${text}`)
  }
  return Number(text)
}

/** @throws UsageError where there is none */
export function requireName({ name }: Values): string {
  if (!name) throw new UsageError('this command needs --name NAME')
  return name
}

/** What a command prints of a document. */
export const asJson = (value: SeedDocument | object) => JSON.stringify(value, undefined, 2)
