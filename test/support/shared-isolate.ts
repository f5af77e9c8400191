// What the test files of one isolate share, though each has a database of its own.
import { env } from 'cloudflare:workers'

let signingKey: Record<string, string | number | null> | undefined

/** Stores the signing key of the databases before, if there were any: tokens that modules keep hold in all of them. */
export async function plantSigningKey(): Promise<void> {
  if (!signingKey) return
  const columns = Object.keys(signingKey)
  const insert = `insert into signing_keys (${columns.join()}) values (${columns.map(() => '?').join()})`
  await env.DB.prepare(insert)
    .bind(...Object.values(signingKey))
    .run()
}

export async function keepSigningKey(): Promise<void> {
  signingKey ??= (await env.DB.prepare('select * from signing_keys').first()) ?? undefined
}

const plants: (() => Promise<unknown>)[] = []

/** Plants what a module keeps the ids of: now, and in the database of each file that follows. */
export async function plantInEach(plant: () => Promise<unknown>): Promise<void> {
  plants.push(plant)
  await plant()
}

export async function plantAgain(): Promise<void> {
  for (const plant of plants) await plant()
}
