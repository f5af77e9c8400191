// The commands on what tests do to a tenant: its faults, its clock, its journal and tokens.
import { GRANTABLE_SCOPES } from '../../auth/scopes.ts'
import { noSuch } from '../../http/nearest.ts'
import { tenantPath } from '../library/control-client.ts'
import type { ArmedFault } from '../library/fault-rule.ts'
import type { JournalEntry } from '../library/journal-entry.ts'
import { EXPORTS, type JournalFormat } from '../library/journal-export.ts'
import { SCENARIOS, type Scenario } from '../library/scenarios.ts'
import type { ClockReading } from '../library/wire.ts'
import { outcome, type TenantCommand } from './tenant-commands.ts'
import { asJson, readWhole, requireName, type Values } from './tenant-options.ts'
import { UsageError } from './usage.ts'

const FILTER = ['operation', 'method', 'status', 'path', 'limit'] as const

export const EFFECT_COMMANDS: Readonly<Record<string, TenantCommand>> = {
  fault: {
    summary: 'let its requests go wrong; without a rule, list what is armed',
    takes: ['name', 'operation', 'method', 'kind', 'status', 'delay', 'times', 'ttl', 'scenario', 'clear'],
    run: async (control, values) => {
      const path = tenantPath(requireName(values), 'faults')
      if (values.clear) {
        await control.call('DELETE', path)
        return outcome(`${values.name} has no faults`, values)
      }
      const { scenario } = values
      if (scenario !== undefined) {
        if (!isScenario(scenario)) throw new UsageError(noSuch('scenario', scenario, Object.keys(SCENARIOS)))
        for (const body of SCENARIOS[scenario]) await control.call('POST', path, { body })
        return outcome(`${values.name} is ${scenario}`, values)
      }
      const rule = ruleOf(values)
      if (Object.keys(rule).length > 0) {
        const armed = await control.call<ArmedFault>('POST', path, { body: rule })
        return values.json ? asJson(armed) : `armed ${formatFault(armed)}`
      }
      const { results } = await control.call<{ results: ArmedFault[] }>('GET', path)
      return values.json ? asJson(results) : results.map(formatFault).join('\n')
    },
  },

  clock: {
    summary: 'print its time, or change it',
    takes: ['name', 'set', 'advance', 'release'],
    run: async (control, values) => {
      const path = tenantPath(requireName(values), 'clock')
      const { set, advance, release, json } = values
      if (set !== undefined) await control.call('PUT', path, { body: { now: set, frozen: true } })
      const milliseconds = readWhole('advance', advance, 'milliseconds')
      if (milliseconds !== undefined) await control.call('POST', `${path}/advance`, { body: { milliseconds } })
      if (release) await control.call('DELETE', path)
      const reading = await control.call<ClockReading>('GET', path)
      if (json) return asJson(reading)
      return `${reading.now}${reading.real ? ', the real time' : ''}${reading.frozen ? ', stands still' : ''}`
    },
  },

  journal: {
    summary: 'print its requests',
    takes: ['name', ...FILTER, 'format', 'clear'],
    run: async (control, values) => {
      const path = tenantPath(requireName(values), 'journal')
      if (values.clear) {
        await control.call('DELETE', path)
        return outcome(`${values.name} has an empty journal`, values)
      }
      const format = formatOf(values)
      const query = Object.fromEntries(FILTER.map((name) => [name, values[name]]))
      const { results } = await control.call<{ results: JournalEntry[] }>('GET', path, { query })
      if (format !== undefined) return EXPORTS[format](results, control.origin).trimEnd()
      return values.json ? asJson(results) : results.map(formatEntry).join('\n')
    },
  },

  token: {
    summary: 'print an access token',
    takes: ['name', 'scope', 'user', 'expires', 'broken'],
    run: async (control, values) => {
      const { scope: scopes, user, broken, json } = values
      const body = { scopes, user, broken, expiresIn: readWhole('expires', values.expires, 'seconds') }
      const signed = await control.call<{ token: string }>('POST', tenantPath(requireName(values), 'tokens'), { body })
      return json ? asJson(signed) : signed.token
    },
  },

  scopes: {
    summary: 'the scopes that a token or a client may have',
    takes: [],
    run: async (_, { json }) => (json ? asJson(GRANTABLE_SCOPES) : GRANTABLE_SCOPES.join('\n')),
  },
}

/** @throws UsageError for one that there is not */
function formatOf({ format, json }: Values): JournalFormat | undefined {
  if (format === undefined) return undefined
  if (json) throw new UsageError('--format and --json exclude each other')
  if (format !== 'har' && format !== 'curl' && format !== 'http')
    throw new UsageError(noSuch('format', format, Object.keys(EXPORTS)))
  return format
}

const isScenario = (name: string): name is Scenario => Object.hasOwn(SCENARIOS, name)

/** The rule that the options make; empty where they say nothing of one. The control plane says what is wrong with it. */
function ruleOf({ operation, method, kind, status, delay, times, ttl }: Values): object {
  const rule = {
    operation,
    method,
    kind,
    status: readWhole('status', status),
    delay: readWhole('delay', delay, 'milliseconds'),
    times: readWhole('times', times),
    ttl: readWhole('ttl', ttl, 'seconds'),
  }
  return Object.fromEntries(Object.entries(rule).filter(([, value]) => value !== undefined))
}

function formatFault({ id, hits, ...rule }: ArmedFault): string {
  const said = Object.entries(rule).map(([name, value]) => `${name}=${JSON.stringify(value)}`)
  return [id, ...said, `hits=${hits}`].join('  ')
}

const formatEntry = ({ time, method, path, status, durationMs, operation }: JournalEntry) =>
  `${time} ${method} ${path} ${status} ${durationMs} ms ${operation ?? ''}`.trimEnd()
