// The deployment that is there: wrangler's configuration with the ids of its databases, looked up by their names. A clean
// clone has no such file, and wrangler.toml has ids of zeros.
import { StartFailure } from '../start-failure.ts'
import { type Access, findAccess } from './access.ts'
import { Account } from './account.ts'
import { isUnknown, removeTarget, type Target, writeTarget } from './target.ts'
import type { Wrangler } from './wrangler.ts'

/** A deployment that is there. */
export interface Deployed {
  access: Access
  account: Account
  /** Its configuration with the ids of its databases, in a file. */
  found: Target
}

/**
 * Calls `act` with the account and the configuration as it is deployed, in a file that is removed afterwards. The file is this
 * process's own: neither `npm run deploy` nor another command that runs meanwhile loses theirs.
 * @throws StartFailure when a database is not there
 */
export async function withDeployed<Result>(
  target: Target,
  wrangler: Wrangler,
  act: (deployed: Deployed) => Promise<Result>,
): Promise<Result> {
  const access = await findAccess(target.config, wrangler)
  const account = new Account(access, target.config.name)
  const databases = []
  for (const database of target.config.d1_databases) {
    const { database_name: name } = database
    const id = isUnknown(database) ? (await account.findDatabase(name))?.uuid : database.database_id
    if (id === undefined) throw new StartFailure(`there is no D1 database ${name}`)
    databases.push({ ...database, database_id: id })
  }
  const file = `wrangler.deploy.process-${process.pid}.json`
  const found = { file, config: { ...target.config, d1_databases: databases } }
  writeTarget(found)
  try {
    return await act({ access, account, found })
  } finally {
    removeTarget(found)
  }
}
