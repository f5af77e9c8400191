// Documents point at what is there: in the repository, and for whoever has the package alone.
import { execFileSync } from 'node:child_process'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { expect, test } from 'vitest'

const documents = [...globSync('*.md'), ...globSync('docs/*.md'), 'docs/llms.txt']

const withoutCode = (text: string) => text.replace(/^ *```.*?^ *```$/gms, '').replace(/`[^`\n]*`/g, '')

interface Link {
  from: string
  path: string
  heading: string | undefined
}

/** Links and pictures of a document that stay within the project. */
const linksOf = (from: string): Link[] =>
  [...withoutCode(readFileSync(from, 'utf8')).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = '']) => target)
    .filter((target) => !/^[a-z]+:/i.test(target))
    .map((target) => {
      const [path = '', heading] = target.split('#')
      return { from, path: path === '' ? from : normalize(join(dirname(from), path)), heading }
    })

/** A heading as GitHub and npm make an anchor of it. */
const anchor = (heading: string) =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replace(/\s/g, '-')

const anchorsOf = (path: string) =>
  [...readFileSync(path, 'utf8').matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => anchor(heading))

const packed = (): string[] => {
  const output = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { encoding: 'utf8' })
  const [{ files }]: [{ files: { path: string }[] }] = JSON.parse(output)
  return files.map(({ path }) => path)
}

test('every link of every document leads somewhere in the repository', () => {
  const links = documents.flatMap(linksOf)
  expect(links.length).toBeGreaterThan(30)
  expect(links.filter(({ path }) => !existsSync(path))).toEqual([])
  const toHeadings = links.filter(({ heading }) => heading !== undefined)
  expect(toHeadings.length).toBeGreaterThan(5)
  expect(toHeadings.filter(({ path, heading = '' }) => !anchorsOf(path).includes(heading))).toEqual([])
})

test('every link of the documents in the package leads to something in it', () => {
  const files = packed()
  const links = files.filter((path) => /\.(?:md|txt)$/.test(path) && !path.startsWith('dist/')).flatMap(linksOf)
  expect(links.filter(({ from }) => from === 'README.md').length).toBeGreaterThan(10)
  expect(links.filter(({ path }) => !files.includes(path))).toEqual([])
})

test('llms.txt has the form of llmstxt.org and names every document', () => {
  const text = readFileSync('docs/llms.txt', 'utf8')
  const [head = '', ...sections] = text.split(/^## /m)
  expect(head).toMatch(/^# .+\n\n> .+\n/)
  expect(sections.flatMap((section) => section.split('\n').slice(1)).filter(Boolean)).toEqual(
    sections.flatMap((section) => section.match(/^- \[[^\]]+\]\([^)\s]+\): .+$/gm) ?? []),
  )
  const named = linksOf('docs/llms.txt').map(({ path }) => path)
  expect(documents.filter((path) => path.endsWith('.md') && !named.includes(path))).toEqual([])
})

test('documents are of the version of the package', () => {
  const { version }: { version: string } = JSON.parse(readFileSync('package.json', 'utf8'))
  const headings = [...readFileSync('CHANGELOG.md', 'utf8').matchAll(/^## (.+)$/gm)].map(([, heading]) => heading)
  expect(headings.slice(0, 2)).toEqual(['Unreleased', version])
  const tarballs = documents.flatMap((path) => readFileSync(path, 'utf8').match(/identity-edge-[\d.]+\.tgz/g) ?? [])
  expect(new Set(tarballs)).toEqual(new Set([`identity-edge-${version}.tgz`]))
})

test('docs/schema.md explains every table', () => {
  const newest = globSync('drizzle/meta/*_snapshot.json').sort().at(-1) ?? ''
  const { tables }: { tables: Record<string, object> } = JSON.parse(readFileSync(newest, 'utf8'))
  const headings = [...readFileSync('docs/schema.md', 'utf8').matchAll(/^### (.+)$/gm)].map(([, heading]) => heading)
  const explained = headings.flatMap((heading = '') => [...heading.matchAll(/`(\w+)`/g)].map(([, name]) => name))
  expect(explained.sort()).toEqual(Object.keys(tables).sort())
})

/** Files that the worked examples of CONTRIBUTING.md make. */
const EXAMPLES = /language|message-template/

test('every file that a document names is there', () => {
  const named = documents.flatMap((from) =>
    [...readFileSync(from, 'utf8').matchAll(/(?<![\w/.-])(?:src|test|bench|tools|drizzle)\/[\w./-]+\.\w+/g)]
      .map(([path]) => ({ from, path }))
      .filter(({ path }) => !EXAMPLES.test(path)),
  )
  expect(named.length).toBeGreaterThan(20)
  expect(named.filter(({ path }) => !existsSync(path))).toEqual([])
})

/** What the first column of a document's tables quotes: words with a blank between them, with `…` for what differs. */
const quotedMessages = (text: string) =>
  [...text.matchAll(/^\| ([^|]*)\|/gm)].flatMap(([, cell = '']) =>
    [...cell.matchAll(/``(.+?)``|`([^`]+)`/g)]
      .map(([, double, single]) => (double ?? single ?? '').trim())
      .filter((message) => message.includes(' ')),
  )

test('every message that is explained is one that the code has', () => {
  const sources = globSync('src/**/*.{ts,js}').map((path) => readFileSync(path, 'utf8'))
  const isSaid = (message: string) =>
    sources.some((source) => message.split('…').every((part) => source.includes(part.trim())))
  const messages = quotedMessages(readFileSync('docs/troubleshooting.md', 'utf8'))
  expect(messages.length).toBeGreaterThan(30)
  expect(messages.filter((message) => !isSaid(message))).toEqual([])
})
