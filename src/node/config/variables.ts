// The Worker's variables that a local run takes from its environment, with their descriptions for the command's help.

interface Variable {
  meaning: string
  /** What an empty value means, if that differs from an unset one. */
  empty?: string
}

/** By name. The type makes a variable that is added to the Worker and not here a compile error. */
export const VARIABLES: Readonly<Record<keyof Cloudflare.Variables, Variable>> = {
  ISSUER: { meaning: 'the issuer in tokens; else the origin asked, and /identity_' },
  CONTROL_TOKEN: { meaning: 'opens /_control; local-control unless told, empty for none' },
  SIGNING_KEY: { meaning: 'RSA private key, PEM or JWK; else one is made and kept' },
  ENCRYPTION_KEY: { meaning: 'seals stored secrets; else one is made beside the data' },
  ENCRYPTION_KEYS_OLD: { meaning: 'other keys that are still read, commas between' },
  D1_DEADLINE_MS: { meaning: 'how long a round trip to the database may take; 10000' },
  CORS_ORIGINS: { meaning: 'origins whose scripts may call beside loopback', empty: 'none' },
  ALLOWED_HOSTS: { meaning: 'host names it answers to beside loopback, commas between' },
  LOG: { meaning: 'json writes a line for each request; off' },
}

/** The Worker's variables that are set in `env`. An empty one counts as unset, unless empty has a meaning of its own. */
export function variablesIn(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const found: Record<string, string> = {}
  for (const [name, { empty }] of Object.entries(VARIABLES)) {
    const value = env[name]
    if (value || (value === '' && empty)) found[name] = value
  }
  return found
}

/** One line for each, in the columns of the command's help. */
export const variablesHelp = Object.entries(VARIABLES)
  .map(([name, { meaning, empty }]) => `  ${name.padEnd(22)} ${meaning}${empty ? `, empty for ${empty}` : ''}`)
  .join('\n')
