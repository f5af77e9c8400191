// SQL on the database of a state directory, while no server runs on it.
import { readWorkerConfig } from '../../src/node/config/config.ts'
import { LocalD1 } from '../../src/node/state/local-d1.ts'
import { localD1Path } from '../../src/node/state/local-d1-path.ts'

/** Runs the statements in one transaction, and returns the rows of the last one. */
export async function onDatabase(stateDir: string, ...statements: string[]) {
  const d1 = new LocalD1(localD1Path(stateDir, readWorkerConfig().databases[0].id))
  try {
    return (await d1.batch(statements.map((sql) => d1.prepare(sql)))).at(-1)?.results
  } finally {
    d1.close()
  }
}
