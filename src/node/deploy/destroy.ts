// `npm run destroy -- [--env NAME]`: takes a deployment down, with all its data. It asks for the Worker's name first.
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline/promises'
import { readArguments } from '../cli/arguments.ts'
import { UsageError } from '../cli/usage.ts'
import { StartFailure } from '../start-failure.ts'
import { findAccess } from './access.ts'
import { Account } from './account.ts'
import { OUT_DIR } from './deploy-target.ts'
import { isUnknown, readTarget, removeTarget, type Target } from './target.ts'
import { runWrangler } from './wrangler.ts'

/** @throws StartFailure for any other answer than the Worker's name */
async function confirm({ config: { name, d1_databases: databases } }: Target): Promise<void> {
  const terminal = createInterface({ input: process.stdin, output: process.stdout })
  console.log(
    `The Worker ${name} and ${databases.map(({ database_name }) => database_name).join(', ')} will be removed.`,
  )
  console.log('No backup and no Time Travel is left of a database that is removed.')
  const gone = new Promise<string>((resolve) => terminal.once('close', () => resolve('')))
  const answer = await Promise.race([terminal.question(`Its name, to confirm: `), gone])
  terminal.close()
  if (answer.trim() !== name) throw new StartFailure('nothing was removed: that is not its name')
}

/** The Worker first, so that nothing serves from a database that is gone. What is not there is passed over. */
async function destroy(target: Target): Promise<void> {
  const { name, d1_databases: databases } = target.config
  const account = new Account(await findAccess(target.config, runWrangler), name)
  if (await account.findDeployment()) await account.deleteWorker()
  console.log(`Worker ${name}: removed`)
  for (const database of databases) {
    const { database_name, database_id } = database
    const found = await account.findDatabase(isUnknown(database) ? database_name : database_id)
    if (found) await account.deleteDatabase(found.uuid)
    console.log(`database ${database_name}: removed`)
  }
  removeTarget(target)
  rmSync(join(OUT_DIR, name), { recursive: true, force: true })
}

try {
  const { values, positionals } = readArguments(process.argv.slice(2), { env: { type: 'string' } })
  const [surplus] = positionals
  if (surplus !== undefined) throw new UsageError(`${surplus} means nothing to npm run destroy; it takes --env NAME`)
  const target = readTarget(values.env)
  await confirm(target)
  await destroy(target)
} catch (error) {
  console.error(error instanceof StartFailure ? error.message : error)
  process.exitCode = 1
}
