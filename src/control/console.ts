// The console: static pages that anybody may load, since they hold neither data nor keys. All they show they ask the control
// plane for, with the key of whoever sits before them.
import type { Context } from 'hono'
import { assetOrNone } from '../http/asset.ts'
import { ControlProblem } from './problem.ts'

/**
 * Scripts and styles of this server alone, calls to this server alone, in no other page. Swagger UI, which the reference is
 * made with, writes style attributes and draws icons from data URLs.
 */
const policy = (styles: string) =>
  `default-src 'none'; script-src 'self'; style-src ${styles}; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`

const PAGES = {
  'index.html': policy("'self'"),
  'reference.html': policy("'self' 'unsafe-inline'"),
} as const

type PageContext = Pick<Context<{ Bindings: Cloudflare.Env }>, 'env'>

/** A page of the console. @throws ControlProblem 404 where the console was not built */
export async function consolePage(c: PageContext, name: keyof typeof PAGES): Promise<Response> {
  const page = await consoleFile(c, name)
  page.headers.set('Content-Security-Policy', PAGES[name])
  return page
}

/** A file of the console. @throws ControlProblem 404 for a name that none has */
export async function consoleFile(c: PageContext, name: string): Promise<Response> {
  const [, kind] = /^[a-z-]+\.(html|js|css)$/.exec(name) ?? []
  const file = isKind(kind) ? await assetOrNone(c, `/console/${name.slice(0, -kind.length - 1)}.${kind}`) : undefined
  if (!file) throw new ControlProblem(404, 'There is nothing here.')
  return file
}

const isKind = (kind: string | undefined): kind is 'html' | 'js' | 'css' => kind !== undefined
