// Ends sessions, with the refresh tokens that were given in them.
import { sql } from 'drizzle-orm'
import { type Bound, bind } from '../database/bound.ts'
import { deleteFrom } from '../database/query-builder.ts'
import { type Slots, statement } from '../database/statement.ts'
import { grants, sessions } from '../grants/grant.table.ts'

/** A JSON array of the sessions' ids. */
type Ended = Slots<{ sessions: string }>

const listed = (v: Ended) => sql`(select value from json_each(${v.sessions}))`

const deleteSessions = statement((v: Ended) => deleteFrom(sessions).where(sql`${sessions.id} in ${listed(v)}`))

// Codes and device codes of the session end as well: they could still be exchanged for a refresh token.
const deleteGrants = statement((v: Ended) =>
  deleteFrom(grants).where(sql`${grants.sessionId} in ${listed(v)} and ${grants.consumedAt} is null`),
)

/** Real server: access tokens live on until they expire (observed). */
export function endSessions(ids: readonly string[]): Bound<unknown>[] {
  const values = { sessions: JSON.stringify(ids) }
  return [bind(deleteSessions, values), bind(deleteGrants, values)]
}
