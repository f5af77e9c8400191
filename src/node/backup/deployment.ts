// Backup and restore of a deployment by D1's export to SQL. To bring a database back to an earlier state of its own, D1 has
// Time Travel; a file is for restoring into another database.
import { readFileSync } from 'node:fs'
import { rm, writeFile } from 'node:fs/promises'
import type { Account } from '../deploy/account.ts'
import { withDeployed } from '../deploy/deployed.ts'
import type { Target } from '../deploy/target.ts'
import type { Wrangler } from '../deploy/wrangler.ts'
import { StartFailure } from '../start-failure.ts'
import { makePrivateFile } from '../state/owner-only.ts'
import { importable } from './importable.ts'

/** Exports the main database into `file`. D1 answers no other query during an export. */
export async function backUpDeployment(target: Target, file: string, wrangler: Wrangler): Promise<string> {
  return await withAccount(target, wrangler, async (account, name) => {
    // wrangler writes into the file that is there, and with that keeps it closed to others.
    makePrivateFile(file)
    try {
      await account.exportDatabase(name, file)
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
  return await withAccount(target, wrangler, async (account, name) => {
    const tables = await account.query(
      name,
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
      await account.importFile(name, ordered)
    } finally {
      await rm(ordered, { force: true })
    }
    return `${name}: as in ${file}; npm run deploy applies what migrations it lacks`
  })
}

async function withAccount(
  target: Target,
  wrangler: Wrangler,
  act: (account: Account, name: string) => Promise<string>,
) {
  const [database] = target.config.d1_databases
  if (!database) throw new StartFailure('wrangler.toml has no D1 database')
  return await withDeployed(target, wrangler, (account) => act(account, database.database_name))
}
