// The local D1: what the runtime's D1 binding asks, answered from a Durable Object's SQLite file, in the place of
// Miniflare's. The files are the same; the statements are compiled once, and nothing is checked that the binding made.
// JavaScript, because workerd reads it as it stands.
import { DurableObject, WorkerEntrypoint } from 'cloudflare:workers'

const BOOKMARK = 'x-cf-d1-session-commit-token'

/** The binding's other end. The database's id is in the binding's properties. */
export default class Entry extends WorkerEntrypoint {
  /** @param {Request} request */
  fetch(request) {
    const { DATABASES } = this.env
    return DATABASES.get(DATABASES.idFromName(this.ctx.props.database)).fetch(request)
  }
}

/** One database. */
export class Database extends DurableObject {
  /** @param {Request} request Carries one query or a list of them; they take place together or not at all. */
  async fetch(request) {
    const asked = await request.json()
    const { storage } = this.ctx
    try {
      // One statement is atomic by itself.
      const [only, ...others] = Array.isArray(asked) ? asked : [asked]
      const results =
        others.length === 0
          ? [run(storage.sql, only)]
          : storage.transactionSync(() => asked.map((query) => run(storage.sql, query)))
      // The answer leaves once what was written is on the disk: the object's output gate sees to that.
      return Response.json(results, { headers: { [BOOKMARK]: await storage.getCurrentBookmark() } })
    } catch (error) {
      return Response.json({ success: false, error: error instanceof Error ? error.message : String(error) })
    }
  }
}

// `exec` keeps what it has compiled, which `prepare` does not.
function run(sql, { sql: text, params }) {
  const cursor = sql.exec(text, ...(params ?? []))
  const rows = Array.from(cursor.raw())
  return {
    success: true,
    results: { columns: cursor.columnNames, rows },
    meta: { served_by_primary: true, duration: 0, rows_read: cursor.rowsRead, rows_written: cursor.rowsWritten },
  }
}
