// Which methods a path is served with, for answers to the others.
import type { Hono } from 'hono'
import { RememberingRouter } from './router.ts'

/**
 * Looks up the methods of a path among the routes that `app` has when it is asked first. Routes of all methods count for none.
 * Real server: what is read is read with GET, and HEAD is another method (its frameworks' sources). For probes HEAD is
 * served as well.
 */
export function servedMethods(app: Pick<Hono, 'routes'>): (path: string) => string[] {
  let router: RememberingRouter<readonly string[]> | undefined
  return (path) => {
    router ??= routerOf(app)
    return [...new Set(router.match('ALL', path)[0].flatMap(([methods]) => methods))]
  }
}

function routerOf({ routes }: Pick<Hono, 'routes'>) {
  const router = new RememberingRouter<readonly string[]>()
  for (const { path, method } of routes) {
    if (method === 'ALL') continue
    router.add('ALL', path, method === 'GET' && isProbe(path) ? ['GET', 'HEAD'] : [method])
  }
  return router
}

/** Paths of a single segment, such as /health. */
const isProbe = (path: string) => !path.includes('/', 1)
