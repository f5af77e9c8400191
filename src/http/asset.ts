// Files that are made before the Worker runs and are served as they are, such as the OpenAPI documents. They lie in assets/
// and reach the Worker by the binding ASSETS, so that they cost its upload and its start nothing.
import { GUARDED } from './refusal.ts'

interface AssetContext {
  readonly env: { readonly ASSETS: Pick<Fetcher, 'fetch'> }
}

const TYPES = {
  json: 'application/json; charset=utf-8',
  yaml: 'application/yaml; charset=utf-8',
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
} as const

type AssetPath = `/${string}.${keyof typeof TYPES}`

/**
 * 200 with a file of assets/. The platform asks the Worker first, so that a file is reached by a route alone, behind
 * whatever that route checks.
 *
 * @throws Error if there is no such file
 * @example app.get('/seed.schema.json', (c) => asset(c, '/seed.schema.json'))
 */
export async function asset(c: AssetContext, path: AssetPath): Promise<Response> {
  const file = await assetOrNone(c, path)
  if (!file) throw new Error(`there is no asset ${path}`)
  return file
}

/** As {@link asset}; undefined if there is no such file. */
export async function assetOrNone({ env }: AssetContext, path: AssetPath): Promise<Response | undefined> {
  const file = await env.ASSETS.fetch(`http://assets.invalid${path}`)
  if (file.status !== 200) return undefined
  const type = TYPES[path.slice(path.lastIndexOf('.') + 1) as keyof typeof TYPES]
  return new Response(file.body, { headers: { 'Content-Type': type, ...GUARDED } })
}
