// `--seed`: the tenant of a seed file on a server that has just started.
import { readFileSync } from 'node:fs'
import { messageOf } from '../error-details.ts'
import { ControlClient } from '../library/control-client.ts'
import { formatRow } from '../local/announce.ts'
import type { Server } from '../runtime/server.ts'
import { StartFailure } from '../start-failure.ts'
import { ensureSeededTenant } from './tenant-commands.ts'

interface Planted {
  readonly file: string
  readonly controlToken: string
  readonly printToken: boolean
}

/**
 * Makes the tenant of the seed file unless it is there; returns the lines that tell of it.
 * @throws StartFailure when it cannot be planted
 */
export async function plantSeed(
  { url, certificate }: Server,
  { file, controlToken, printToken }: Planted,
): Promise<string> {
  const control = new ControlClient(url, controlToken, certificate && readFileSync(certificate, 'utf8'))
  try {
    const { description } = await ensureSeededTenant(control, file)
    const { clients, tokens } = description
    const [first] = clients
    const client = first ? `, client ${first.id} / ${first.secret}` : ''
    const token = printToken && tokens?.admin ? [formatRow(['token', tokens.admin])] : []
    return [formatRow(['tenant', `${description.url}${client}`]), ...token].join('\n')
  } catch (error) {
    throw new StartFailure(`${file} could not be planted: ${messageOf(error)}`)
  }
}
