// The declarations of `identity-edge/node`, as the package has them: each export and each of its members has a doc comment,
// what can be called has an example, and the examples compile.
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, describe, expect, it } from 'vitest'

const run = promisify(execFile)
const tsc = resolve('node_modules/typescript/bin/tsc')

// In the repository, so that the compiler finds the types of Node.
const folder = await mkdtemp(resolve('node_modules/.library-docs-'))
await run(process.execPath, [tsc, '-p', 'tsconfig.build.json', '--outDir', folder])
afterAll(() => rm(folder, { recursive: true, force: true }))

const LIBRARY = 'node/library/library'

/** Its exports that are there at run time. */
const VALUES = ['startTenant', 'connectTenant', 'ControlError', 'WaitTimeout']

interface Declared {
  readonly name: string
  readonly doc: string
  readonly isCalled: boolean
}

const DECLARATION = /^(?:export )?(?:declare )?(?:interface|class|function|const|type) (\w+)/
const MEMBER = /^ {4}(?!#)(?:static |readonly |get )*(\[?[\w.$]+\]?)\??([(<:])/

/** What a file of declarations declares, each with its members. It is read by the indentation that the compiler gives it. */
function declaredIn(text: string): Map<string, Declared[]> {
  const found = new Map<string, Declared[]>()
  let members: Declared[] = []
  let owner = ''
  let doc = ''
  for (const block of text.split(/^( *\/\*\*(?:(?!\*\/).)*\*\/)\n/ms)) {
    if (block.trimStart().startsWith('/**')) {
      doc = block
      continue
    }
    for (const line of block.split('\n')) {
      const [, name] = DECLARATION.exec(line) ?? []
      const [, member, mark] = MEMBER.exec(line) ?? []
      if (name !== undefined) {
        owner = name
        members = [{ name, doc, isCalled: true }]
        found.set(name, members)
      } else if (member !== undefined) {
        const isCalled = mark !== ':' && member !== 'constructor'
        members.push({ name: `${owner}.${member}`, doc, isCalled })
      }
      doc = ''
    }
  }
  return found
}

/** The library's exports, followed to the files that declare them. */
async function readExports(): Promise<Declared[][]> {
  const text = await readFile(join(folder, `${LIBRARY}.d.ts`), 'utf8')
  const own = declaredIn(text)
  const exported = [...own.values()]
  for (const [, names = '', from = ''] of text.matchAll(/^export (?:type )?\{([^}]*)\} from '(.*)\.ts';$/gm)) {
    const declared = declaredIn(await readFile(join(folder, 'node/library', `${from}.d.ts`), 'utf8'))
    for (const name of names.split(',').map((one) => one.replace('type ', '').trim())) {
      if (name) exported.push(declared.get(name) ?? [{ name, doc: '', isCalled: true }])
    }
  }
  return exported
}

const exported = await readExports()
const all = exported.flat()

/** The code of a doc comment's examples. */
const examplesIn = (doc: string) =>
  [...doc.matchAll(/@example\n *\* ```ts\n(.*?)\n *\* ```/gs)].map(([, code = '']) => code.replace(/^ *\* ?/gm, ''))

const names = exported.map(([declared]) => declared?.name ?? '')
const examples = all.flatMap(({ doc }) => examplesIn(doc))

/** A module of all examples, each in a function of its own, with `tenant` as a tenant. */
const moduleOf = (codes: readonly string[]) =>
  [
    `import { ${names.map((name) => (VALUES.includes(name) ? name : `type ${name}`)).join(', ')} } from './${LIBRARY}.ts'`,
    'declare const tenant: TestTenant',
    ...codes.map((code, index) => `export async function example${index}() {\n${code}\n}`),
  ].join('\n')

/** What the compiler says about these examples. */
async function compile(codes: readonly string[]): Promise<string> {
  const file = join(folder, 'examples.ts')
  await writeFile(file, moduleOf(codes))
  const strict = ['--noEmit', '--strict', '--exactOptionalPropertyTypes', '--noUncheckedIndexedAccess']
  const modules = ['--module', 'esnext', '--moduleResolution', 'bundler', '--allowImportingTsExtensions']
  const platform = ['--target', 'esnext', '--lib', 'esnext', '--types', 'node', '--ignoreConfig']
  const { stdout } = await run(process.execPath, [tsc, ...strict, ...modules, ...platform, file]).catch(
    (error) => error,
  )
  return stdout
}

describe('identity-edge/node', () => {
  it('exports what its documents name', () => {
    expect(names).toEqual(expect.arrayContaining(['startTenant', 'TestTenant', 'ControlError', 'SeedDocument']))
    expect(all.map(({ name }) => name)).toEqual(
      expect.arrayContaining([
        'TestTenant.fork',
        'TestTenant.[Symbol.asyncDispose]',
        'Fault.hits',
        'SeedUser.userName',
      ]),
    )
  })

  it('has a doc comment on each export and each member', () => {
    expect(all.filter(({ doc }) => doc === '').map(({ name }) => name)).toEqual([])
  })

  it('has an example on each export and each method', () => {
    const without = all.filter(({ doc, isCalled }) => isCalled && examplesIn(doc).length === 0)

    expect(without.map(({ name }) => name)).toEqual([])
  })

  it('has examples that compile', async () => {
    expect(examples.length).toBeGreaterThan(40)
    expect(await compile(examples)).toBe('')
    expect(await compile(["await tenant.token({ scope: ['PM.Group'] })"])).toContain("'scope' does not exist")
  })
})
