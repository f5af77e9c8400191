// Variants of the repository's wrangler.toml, in a place of their own.
import { readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'

/** wrangler.toml as it is, changed, and with `more` behind it. Returns where it was written in `folder`. */
export async function writeConfig(folder: string, more: string, change = (toml: string) => toml): Promise<string> {
  const file = join(folder, `${Math.random()}.toml`)
  const absolute = (toml: string) =>
    ['src/index.ts', 'drizzle', 'assets'].reduce(
      (text, path) => text.replaceAll(`"${path}"`, `"${resolve(path)}"`),
      toml,
    )
  await writeFile(file, absolute(`${change(await readFile('wrangler.toml', 'utf8'))}\n${more}\n`))
  return file
}
