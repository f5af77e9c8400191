// What is left to wrangler in a deployment: bundles, migrations, the upload with its routes and crons, exports and imports.
import { stripVTControlCharacters } from 'node:util'
import type { Outcome } from '../runtime/outcome.ts'
import { StartFailure } from '../start-failure.ts'
import { adviceOn } from './advice.ts'
import type { Wrangler } from './wrangler.ts'

export interface DeployOptions {
  tag: string
  secretsFile: string | undefined
  /** The file into which wrangler writes a report of the deployment. */
  reportFile: string
}

/** Commands of wrangler with one configuration file. Each throws a StartFailure with wrangler's message when it fails. */
export class Commands {
  readonly #wrangler: Wrangler
  readonly #config: readonly string[]
  readonly #account: Readonly<Record<string, string>>

  /** @param accountId the account to act in; none is needed for what stays on this machine */
  constructor(wrangler: Wrangler, configFile: string, accountId?: string) {
    this.#wrangler = wrangler
    this.#config = ['--config', configFile]
    this.#account = accountId === undefined ? {} : { CLOUDFLARE_ACCOUNT_ID: accountId }
  }

  applyMigrations = (binding: string) => this.#run(['d1', 'migrations', 'apply', binding, '--remote'])

  exportDatabase = (binding: string, file: string) =>
    this.#run(['d1', 'export', binding, '--remote', '--skip-confirmation', '--output', file])

  importFile = (binding: string, file: string) =>
    this.#run(['d1', 'execute', binding, '--remote', '--yes', '--file', file])

  /** Deploys the Worker together with its new secrets: no version serves without them. */
  deploy({ tag, secretsFile, reportFile }: DeployOptions): Promise<Outcome> {
    const secrets = secretsFile === undefined ? [] : ['--secrets-file', secretsFile]
    return this.#run(['deploy', '--keep-vars', '--tag', tag, ...secrets], { WRANGLER_OUTPUT_FILE_PATH: reportFile })
  }

  /** Bundles the Worker into `folder`, without network or login. */
  bundle = (folder: string) => this.#run(['deploy', '--dry-run', '--outdir', folder])

  async #run(args: string[], env: Record<string, string> = {}): Promise<Outcome> {
    const outcome = await this.#wrangler([...args, ...this.#config], { ...this.#account, ...env })
    if (outcome.code !== 0) throw failed(args, outcome)
    return outcome
  }
}

const failed = (args: readonly string[], { stdout, stderr }: Outcome) =>
  new StartFailure(
    `wrangler ${args.slice(0, 3).join(' ')} failed: ${onOneLine(stderr || stdout)}${adviceOn(stderr + stdout)}`,
  )

const ERROR = '[ERROR]'

/** wrangler's error without its layout, its colours, which it has in spite of NO_COLOR, and without the invitation to report a bug, which follow it. */
function onOneLine(coloured: string): string {
  const output = stripVTControlCharacters(coloured)
  const [said = ''] = output
    .slice(Math.max(output.indexOf(ERROR), 0))
    .replace(ERROR, '')
    .split(/If you think this is a bug|\u{1FAB5}/u)
  return said.replace(/\s+/g, ' ').trim().slice(0, 500)
}
