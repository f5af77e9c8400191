// The deployment that is there: wrangler's configuration with the ids of its databases, looked up by their names. A clean
// clone has no such file, and wrangler.toml has ids of zeros.
import { StartFailure } from '../start-failure.ts'
import { Account } from './account.ts'
import { isUnknown, removeTarget, type Target, writeTarget } from './target.ts'
import type { Wrangler } from './wrangler.ts'

/**
 * Calls `act` with the account and the configuration as it is deployed, in a file that is removed afterwards. The file is this
 * process's own: neither `npm run deploy` nor another command that runs meanwhile loses theirs.
 * @throws StartFailure when a database is not there
 */
export async function withDeployed<Result>(
  target: Target,
  wrangler: Wrangler,
  act: (account: Account, found: Target) => Promise<Result>,
): Promise<Result> {
  const draft = { ...target, file: `wrangler.deploy.process-${process.pid}.json` }
  writeTarget(draft)
  try {
    const account = new Account(wrangler, draft.file)
    await account.requireLogin()
    const databases = []
    for (const database of target.config.d1_databases) {
      const { database_name: name, database_id } = database
      const id = isUnknown(database) ? await account.findDatabase(name) : database_id
      if (id === undefined) throw new StartFailure(`there is no D1 database ${name}`)
      databases.push({ ...database, database_id: id })
    }
    const found = { ...draft, config: { ...draft.config, d1_databases: databases } }
    writeTarget(found)
    return await act(account, found)
  } finally {
    removeTarget(draft)
  }
}
