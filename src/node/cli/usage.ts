// The command's help.

import { variablesHelp } from '../config/variables.ts'
import { StartFailure } from '../start-failure.ts'

/** A command line that is not valid. `identity-edge` prints it in one line with a hint at --help, and exits with 2. */
export class UsageError extends StartFailure {}

export const USAGE = `Usage: identity-edge [options]
       identity-edge tenant <command> [options]

Runs a local identity server until it is stopped.

  --port PORT            where to listen on 127.0.0.1; 0 for any free port (PORT, or 8787)
  --state DIRECTORY      where data is kept (STATE_DIR, or .identity-edge)
  --ephemeral            keep data nowhere
  --https                over https, with a certificate of its own (HTTPS=true)
  --seed FILE            also make the tenant of this seed file, unless it is there
  --help, -h             this
  --version, -v          the version

Taken from the environment:

${variablesHelp}

Commands for the tenants of a running identity-edge, local or deployed:

  tenant create          make one
  tenant list            all of them
  tenant delete          remove one
  tenant reset           put one back to its seed
  tenant dump            print the state of one, as a seed file
  tenant load            replace the state of one by a seed file; make it if it is not there

  --url URL              where it runs (IDENTITY_EDGE_URL, or http://127.0.0.1:8787)
  --control-token TOKEN  (CONTROL_TOKEN, or local-control)
  --name NAME            which one; create makes a name up, load takes that of the file
  --seed FILE            for create and load
  --ttl SECONDS          for create: when it is removed by itself
  --journal              for create: write down its requests
  --password-hashes      for dump: with the hashes of passwords
  --json                 print JSON

Status: 0 done, 1 failed, 2 not understood.`
