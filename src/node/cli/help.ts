// The help of `identity-edge` without a command.
import { variablesHelp } from '../config/variables.ts'
import { tenantCommandsHelp } from './tenant-command.ts'

/** The words that may stand first. */
export const COMMANDS = ['exec', 'init', 'tenant']

export const SERVE_HELP = `Usage: identity-edge [options]
       identity-edge exec [options] -- <command>
       identity-edge init
       identity-edge tenant <command> [options]

Runs a local identity server until it is stopped.

  --port PORT              where to listen; 0 for any free port (PORT, or 8787)
  --host ADDRESS           on 127.0.0.1 unless told; 0.0.0.0 lets other machines in
  --allowed-host NAME      a name by which it is reached, repeatable (ALLOWED_HOSTS)
  --state DIRECTORY        where data is kept (STATE_DIR, or .identity-edge)
  --ephemeral              keep data nowhere
  --https                  over https, with a certificate of its own (HTTPS=true)
  --seed FILE              also make the tenant of this seed file, unless it is there
  --quiet, -q              print the address alone, and no requests
  --print-token            print an access token as well
  --help, -h               this; each command has its own
  --version, -v            the version

Requests are logged at a terminal and in CI.

Taken from the environment:

${variablesHelp}

  exec                   start a server, run a command with its address in the
                         environment, and stop it
  init                   write a seed and a first test for the test runner found here

Commands for the tenants of a running identity-edge, local or deployed:

${tenantCommandsHelp}

Status: 0 done, 1 failed, 2 not understood; of exec, the command's own.`
