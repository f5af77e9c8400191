// `identity-edge tenant key …`: makes, lists and revokes keys of teams.
import type { MadeKey, TeamKey } from '../library/wire.ts'
import type { TenantCommand } from './tenant-commands.ts'
import { asJson, readWhole } from './tenant-options.ts'
import { UsageError } from './usage.ts'

export const KEY_COMMANDS: Readonly<Record<string, TenantCommand>> = {
  'key create': {
    summary: 'make a key for a team',
    takes: ['team', 'tenants', 'rows', 'ttl', 'expires'],
    run: async (control, { team, json, ...values }) => {
      if (!team) throw new UsageError('this command needs --team TEAM')
      const limits = {
        tenants: readWhole('tenants', values.tenants),
        rows: readWhole('rows', values.rows),
        ttl: readWhole('ttl', values.ttl, 'seconds'),
      }
      const expiresIn = readWhole('expires', values.expires, 'seconds')
      const made = await control.call<MadeKey>('POST', '/keys', { body: { team, expiresIn, limits } })
      return json ? asJson(made) : `key      ${made.key}\n${formatKey(made)}`
    },
  },

  'key list': {
    summary: 'the keys of teams, and what they hold',
    takes: [],
    run: async (control, { json }) => {
      const { results } = await control.call<{ results: TeamKey[] }>('GET', '/keys')
      return json ? asJson(results) : results.map(formatKey).join('\n\n')
    },
  },

  'key revoke': {
    summary: 'revoke a key, and those of the tenants that it made',
    takes: ['id'],
    run: async (control, { id, json }) => {
      if (!id) throw new UsageError('this command needs --id ID, as tenant key list has it')
      await control.call('DELETE', `/keys/${encodeURIComponent(id)}`)
      return json ? JSON.stringify({ id }) : `${id} is revoked, with the keys of the tenants that it made`
    },
  },
}

const formatKey = ({ id, team, expiresAt, limits, usage }: TeamKey) =>
  [
    `id       ${id}`,
    `team     ${team}`,
    `expires  ${expiresAt ?? 'never'}`,
    `tenants  ${usage.tenants} of ${limits.tenants}, for ${limits.ttl} s at most`,
    `rows     ${usage.rows}, ${limits.rows} a tenant at most, ${limits.rowsAtOnce} a request`,
    `requests ${usage.requests}`,
  ].join('\n')
