// A local D1 database without workerd: the SQLite file that workerd will open later, through `node:sqlite` behind D1's
// interface. Migrating and seeding the file this way takes a hundredth of the time that starting a workerd for it would.
import { dirname } from 'node:path'
import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import { makePrivateDirectory, makePrivateFile } from './owner-only.ts'

class Statement implements D1PreparedStatement {
  readonly #file: DatabaseSync
  readonly #sql: string
  readonly #values: SQLInputValue[]

  constructor(file: DatabaseSync, sql: string, values: SQLInputValue[] = []) {
    this.#file = file
    this.#sql = sql
    this.#values = values
  }

  bind(...values: SQLInputValue[]): Statement {
    return new Statement(this.#file, this.#sql, values)
  }

  execute<Row>(): D1Result<Row> {
    const results: unknown[] = this.#file.prepare(this.#sql).all(...this.#values)
    const meta = {
      duration: 0,
      size_after: 0,
      rows_read: 0,
      rows_written: 0,
      last_row_id: 0,
      changed_db: true,
      changes: 0,
    }
    // `node:sqlite` does not type rows; as with D1 itself, the caller states what the statement selects.
    return { success: true, results: results as Row[], meta }
  }

  all = async <Row>() => this.execute<Row>()
  run = async <Row>() => this.execute<Row>()
  first = async <Row>() => this.execute<Row>().results[0] ?? null
  raw = () => unsupported('raw')
}

/** The part of D1 that migrations and seeds use: `prepare`, `bind`, `all`, `run`, `first` and an atomic `batch`. */
export class LocalD1 implements D1Database {
  readonly #file: DatabaseSync

  constructor(path: string) {
    makePrivateDirectory(dirname(path))
    // SQLite gives the files beside it, the write-ahead log and its index, the mode of the database's own.
    makePrivateFile(path)
    this.#file = new DatabaseSync(path)
    // The journal mode that workerd uses. The timeout (milliseconds) waits for a process that is writing at the moment.
    this.#file.exec('pragma journal_mode = wal; pragma busy_timeout = 5000')
  }

  prepare(sql: string): Statement {
    return new Statement(this.#file, sql)
  }

  async batch<Row>(statements: D1PreparedStatement[]): Promise<D1Result<Row>[]> {
    this.#file.exec('begin immediate')
    try {
      const results = statements.map((statement) =>
        statement instanceof Statement ? statement.execute<Row>() : unsupported('a statement of another database'),
      )
      this.#file.exec('commit')
      return results
    } catch (error) {
      this.#file.exec('rollback')
      throw error
    }
  }

  close() {
    this.#file.close()
  }

  exec = () => unsupported('exec')
  dump = () => unsupported('dump')
  withSession = () => unsupported('withSession')
}

function unsupported(what: string): never {
  throw new Error(`a local database does without ${what}`)
}
