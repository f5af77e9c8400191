// Imports run one way, from the entry down to what knows nothing of the rest; type imports count like any others.
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { expect, test } from 'vitest'

const files = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts') && !path.endsWith('.d.ts'))
  .map((path) => path.replaceAll('\\', '/'))

const importsOf = (path: string): string[] =>
  [...readFileSync(join('src', path), 'utf8').matchAll(/(?:from|import) '(\.[^']+\.ts)'/g)].map(([, target = '']) =>
    normalize(join(dirname(path), target)).replaceAll('\\', '/'),
  )

type Graph = ReadonlyMap<string, readonly string[]>

const graph: Graph = new Map(files.map((path) => [path, importsOf(path)]))

/** The levels, lowest first: rooms, and files where a room has several levels. A file imports from its own and from those below. */
const LEVELS: readonly (readonly string[])[] = [
  ['http'],
  ['database'],
  ['secrets'],
  ['reason-for.ts'],
  ['partitions'],
  ['auth'],
  // How rooms write their parts of a tenant's document.
  ['documents'],
  // The rooms of the API: every folder that is not named here.
  [],
  ['control/problem.ts'],
  ['control/effects'],
  ['control/states'],
  ['control/tenants'],
  ['control/routes', 'rotation', 'control/console.ts'],
  ['control/control.app.ts'],
  ['seed'],
  ['app.ts'],
  ['serve.ts'],
  ['index.ts'],
  ['embedded'],
  ['node'],
  // For browsers; of the others it takes types alone.
  ['console'],
]

const LOWEST = -1
const ROOMS = LEVELS.findIndex((places) => places.length === 0)

/** Tables are below everything, and import columns and other tables alone. */
function levelOf(path: string): number {
  if (path.endsWith('.table.ts') || path === 'database/columns.ts') return LOWEST
  const level = LEVELS.findIndex((places) => places.some((place) => path === place || path.startsWith(`${place}/`)))
  if (level >= 0) return level
  const [room, ...rest] = path.split('/')
  // A file outside of the rooms has to be named, and so has all of a room that has several levels.
  if (rest.length === 0 || LEVELS.flat().some((place) => place.startsWith(`${room}/`))) {
    throw new Error(`${path} has no level`)
  }
  return ROOMS
}

/** Imports that go up. */
const upward = (among: Graph): string[] =>
  [...among].flatMap(([path, targets]) =>
    targets.filter((target) => levelOf(target) > levelOf(path)).map((target) => `${path} -> ${target}`),
  )

/** A way from a file back to itself, if there is one. */
function cycle(among: Graph): string[] | undefined {
  const done = new Set<string>()
  const walk = (path: string, way: readonly string[]): string[] | undefined => {
    const before = way.indexOf(path)
    if (before >= 0) return [...way.slice(before), path]
    if (done.has(path)) return undefined
    for (const target of among.get(path) ?? []) {
      const found = walk(target, [...way, path])
      if (found) return found
    }
    done.add(path)
    return undefined
  }
  for (const path of among.keys()) {
    const found = walk(path, [])
    if (found) return found
  }
  return undefined
}

const planted = (path: string, target: string): Graph =>
  new Map([...graph, [path, [...(graph.get(path) ?? []), target]]])

test('no file imports from a level above its own', () => {
  expect(upward(graph)).toEqual([])
  expect(upward(planted('http/ok.ts', 'database/database.ts'))).toEqual(['http/ok.ts -> database/database.ts'])
  expect(upward(planted('groups/group.table.ts', 'groups/group.schema.ts'))).toHaveLength(1)
})

test('a file that is in no room, or in a room of several levels, has a level of its own', () => {
  expect(() => levelOf('helpers.ts')).toThrow('helpers.ts has no level')
  expect(() => levelOf('control/helpers/all.ts')).toThrow('control/helpers/all.ts has no level')
})

test('no file imports itself by way of others', () => {
  expect(cycle(graph)).toBeUndefined()
  expect(cycle(planted('database/failure.ts', 'database/database.ts'))).toContain('database/failure.ts')
})

test('no room imports the routes of another, and nobody but what runs it knows what a local run remembers', () => {
  const across = [...graph].flatMap(([path, targets]) =>
    targets
      .filter((target) => dirname(target) !== dirname(path))
      .filter((target) => target.endsWith('.routes.ts') || target.startsWith('embedded/'))
      .map((target) => `${path} -> ${target}`),
  )
  expect(across.filter((arrow) => !/^(?:app|control\/control\.app)\.ts -> .*\.routes\.ts$/.test(arrow))).toEqual([])
})
