/** One file of drizzle/: its name and its text. */
export interface Migration {
  name: string
  sql: string
}
