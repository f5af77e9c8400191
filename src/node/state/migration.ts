/** A migration: the name and the text of a SQL file in drizzle/. */
export interface Migration {
  name: string
  sql: string
}
