// What Node and the Worker do together at the end of a start (src/embedded/start.ts).
import { generateKeyPair, type JsonWebKey } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { promisify } from 'node:util'
import { START_TOKEN_HEADER } from '../../http/start-token.ts'
import { exchange } from '../library/exchange.ts'
import { orExplain } from '../state/explain-failure.ts'
import { localD1Path } from '../state/local-d1-path.ts'
import type { RuntimeConfig } from './workerd-config.ts'

/** Whether the Worker will need a signing key: a database that is there has one, or gets one when it is first asked for. */
export const needsKey = (
  { databases: [main] }: RuntimeConfig,
  stateDir: string,
  variables: Readonly<Record<string, string>>,
) => !variables['SIGNING_KEY'] && !existsSync(localD1Path(stateDir, main.id))

/**
 * An RSA key, generated on a thread of Node's own while everything else goes on: in workerd it would take as long, and nothing else
 * could be done meanwhile.
 */
export async function generateSigningKey(): Promise<JsonWebKey> {
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 })
  return privateKey.export({ format: 'jwk' })
}

interface FinishedStart {
  readonly stateDir: string
  readonly startToken: string
  readonly signingKey: JsonWebKey | undefined
}

/**
 * Lets the Worker seed databases that are new, and answer requests from then on.
 * @throws StartFailure when it cannot
 */
export const finishStart = (
  { url, certificate }: { url: string; certificate: string | undefined },
  { stateDir, startToken, signingKey }: FinishedStart,
): Promise<void> =>
  orExplain(stateDir, async () => {
    const { status, body } = await exchange(new URL(url), {
      method: 'POST',
      headers: { [START_TOKEN_HEADER]: startToken },
      body: JSON.stringify({ signingKey }),
      signal: undefined,
      ca: certificate && readFileSync(certificate, 'utf8'),
    })
    if (status !== 204) throw new Error(body)
  })
