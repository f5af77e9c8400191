// The D1 databases of the stand-in's account. Each is a SQLite file, under its id.
import { randomUUID } from 'node:crypto'
import { unstable_splitSqlQuery } from 'wrangler'
import { LocalD1 } from '../../src/node/state/local-d1.ts'
import { localD1Path } from '../../src/node/state/local-d1-path.ts'
import { ApiError } from './api-error.ts'

export interface Database {
  uuid: string
  name: string
  created_at: string
  version: string
  jurisdiction: string | null
  running_in_region: string
  read_replication: { mode: string }
}

export class D1Service {
  readonly databases = new Map<string, Database>()
  readonly #state: string

  constructor(state: string) {
    this.#state = state
  }

  create({ name = '', jurisdiction, primary_location_hint: hint = 'weur' }: Record<string, string>): Database {
    if (this.databases.has(name)) throw new ApiError(400, 7502, 'A database with that name already exists')
    const created = {
      uuid: randomUUID(),
      name,
      created_at: new Date().toISOString(),
      version: 'production',
      jurisdiction: jurisdiction ?? null,
      running_in_region: hint.toUpperCase(),
      read_replication: { mode: 'disabled' },
    }
    this.databases.set(name, created)
    return created
  }

  /** By its id or its name. */
  find(idOrName: string | undefined): Database {
    const found = [...this.databases.values()].find(({ uuid, name }) => uuid === idOrName || name === idOrName)
    if (!found) throw new ApiError(404, 7404, `The database ${idOrName} could not be found`)
    return found
  }

  remove = (id: string | undefined) => this.databases.delete(this.find(id).name)

  /** The rows that a statement finds. */
  async rows(name: string, sql: string): Promise<unknown[]> {
    const [result] = await this.query(name, { sql })
    return result?.results ?? []
  }

  /** Runs statements in one transaction. */
  async query(id: string | undefined, { sql }: { sql: string }) {
    const database = new LocalD1(localD1Path(this.#state, this.find(id).uuid))
    try {
      const statements: string[] = unstable_splitSqlQuery(sql)
      return await database.batch(statements.map((statement) => database.prepare(statement)))
    } catch (error) {
      throw new ApiError(400, 7500, String(error))
    } finally {
      database.close()
    }
  }
}
