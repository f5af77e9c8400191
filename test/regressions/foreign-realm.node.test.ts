// Under Jest and in vitest's vm pools Node's errors are of another realm, where `instanceof Error` is false: a file that was
// merely absent ended every start there.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createContext, runInContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { codeOf, messageOf } from '../../src/node/error-details.ts'

const foreign: unknown = runInContext("Object.assign(new Error('it is absent'), { code: 'ENOENT' })", createContext())

describe('an error of another realm', () => {
  it('is none by instanceof', () => expect(foreign instanceof Error).toBe(false))
  it('has its code', () => expect(codeOf(foreign)).toBe('ENOENT'))
  it('has its message', () => expect(messageOf(foreign)).toBe('it is absent'))
})

it('nothing that runs in Node asks instanceof Error', () => {
  const files = readdirSync('src/node', { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'))
  const asking = files.filter((file) =>
    readFileSync(join('src/node', file), 'utf8')
      .split('\n')
      .some((line) => !/^\s*(?:\/\/|\*)/.test(line) && /instanceof (?:\w*\.)?(?:\w*Type)?Error\b/.test(line)),
  )
  expect(files.length).toBeGreaterThan(20)
  expect(asking).toEqual([])
})
