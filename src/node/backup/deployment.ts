// Backup and restore of a deployment by D1's export to SQL. To bring a database back to an earlier state of its own, D1 has
// Time Travel; a file is for restoring into another database.
import { readFileSync } from 'node:fs'
import { rm, writeFile } from 'node:fs/promises'
import { Commands } from '../deploy/commands.ts'
import { withDeployed } from '../deploy/deployed.ts'
import type { Target } from '../deploy/target.ts'
import type { Wrangler } from '../deploy/wrangler.ts'
import { StartFailure } from '../start-failure.ts'
import { makePrivateFile } from '../state/owner-only.ts'
import { importable } from './importable.ts'

/** Exports the main database into `file`. D1 answers no other query during an export. */
export async function backUpDeployment(target: Target, file: string, wrangler: Wrangler): Promise<string> {
  return await withMain(target, wrangler, async ({ commands, binding, name }) => {
    // wrangler writes into the file that is there, and with that keeps it closed to others.
    makePrivateFile(file)
    try {
      await commands.exportDatabase(binding, file)
    } catch (error) {
      await rm(file, { force: true })
      throw error
    }
    return `${file}: a copy of ${name}`
  })
}

/**
 * Imports `file` into the deployment's main database, which must exist and be empty.
 * @throws StartFailure when it does not exist or has tables
 */
export async function restoreDeployment(target: Target, file: string, wrangler: Wrangler): Promise<string> {
  return await withMain(target, wrangler, async ({ commands, query, binding, name }) => {
    const tables = await query(
      "select name from sqlite_master where type = 'table' and name not like '%cf_%' and name not like 'sqlite_%' limit 1",
    )
    if (tables.length > 0) {
      throw new StartFailure(
        `${name} is not empty. To go back in time: npm run remote -- d1 time-travel restore DB --timestamp TIME`,
      )
    }
    const ordered = `${file}.ordered`
    try {
      await writeFile(ordered, importable(readFileSync(file, 'utf8')), { mode: 0o600 })
      await commands.importFile(binding, ordered)
    } finally {
      await rm(ordered, { force: true })
    }
    return `${name}: as in ${file}; npm run deploy applies what migrations it lacks`
  })
}

interface MainDatabase {
  commands: Commands
  query: (sql: string) => Promise<unknown[]>
  binding: string
  name: string
}

async function withMain(target: Target, wrangler: Wrangler, act: (main: MainDatabase) => Promise<string>) {
  return await withDeployed(target, wrangler, ({ access, account, found }) => {
    const [database] = found.config.d1_databases
    if (!database) throw new StartFailure('wrangler.toml has no D1 database')
    const { binding, database_name: name, database_id: id } = database
    const commands = new Commands(wrangler, found.file, access.accountId)
    return act({ commands, query: (sql) => account.query(id, sql), binding, name })
  })
}
