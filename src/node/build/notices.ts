// The licences of the packages whose code is in dist/, which ask to be handed on with it.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { projectRoot } from '../config/config.ts'

/** Those in the Worker, the migrator and the console's pages. */
export const BUNDLED = ['hono', '@hono/zod-validator', 'drizzle-orm', 'jose', 'zod', 'preact', 'swagger-ui-dist']

/** The last two are of what Swagger UI itself has in it. */
const FILES = ['LICENSE', 'LICENSE.md', 'LICENSE.txt', 'NOTICE', 'swagger-ui-bundle.js.LICENSE.txt']

/** The text of NOTICES.txt. */
export async function licenceNotices(): Promise<string> {
  const notices = BUNDLED.map(async (name) => {
    const folder = join(projectRoot, 'node_modules', name)
    const { version, license }: Record<string, string> = JSON.parse(
      await readFile(join(folder, 'package.json'), 'utf8'),
    )
    const texts = await Promise.all(FILES.map((file) => readFile(join(folder, file), 'utf8').catch(() => '')))
    return `${name} ${version} (${license})\n\n${texts.join('').trim()}`.trim()
  })
  return `${(await Promise.all(notices)).join('\n\n---\n\n')}\n`
}
