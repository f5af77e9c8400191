// The local D1's binding sends the text of a statement once, and its number from then on.
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { projectRoot } from '../../src/node/config/config.ts'

// It has no types: workerd loads it without a build.
const { default: open }: { default: (inner: object) => D1Database } = await import(
  join(projectRoot, 'src/node/runtime/d1.binding.js')
)

type Query = [sql: string | number, values: unknown[]]

/** As d1.worker.js answers, which tests of the local D1 run against the real one; a new epoch is an object that began anew. */
function fakeObject() {
  const object = { epoch: 1, texts: [] as string[], requests: [] as [number, ...Query[]][] }
  const query = async (request: string) => {
    const [epoch, ...queries]: [number, ...Query[]] = JSON.parse(request)
    object.requests.push([epoch, ...queries])
    if (epoch !== object.epoch && queries.some(([sql]) => typeof sql === 'number')) return '{"unknown":true}'
    const numbers = queries.map(([sql]) => {
      if (typeof sql === 'number') return sql
      if (!object.texts.includes(sql)) object.texts.push(sql)
      return object.texts.indexOf(sql)
    })
    const results = numbers.map((number) => ({
      columns: ['text'],
      rows: [[object.texts[number]]],
      read: 0,
      written: 0,
    }))
    return JSON.stringify({ results, bookmark: 'b', numbers, epoch: object.epoch })
  }
  const namespace = { idFromName: (name: string) => name, get: () => ({ query }) }
  return { object, d1: open({ DATABASES: namespace, ID: 'id' }) }
}

test('texts are sent once, by whichever session', async () => {
  const { object, d1 } = fakeObject()
  await d1.prepare('select 1').all()
  await d1.withSession().batch([d1.prepare('select 1'), d1.prepare('select ?').bind('a')])
  await d1.prepare('select ?').bind('b').all()
  expect(object.requests.map(([, ...queries]) => queries)).toEqual([
    [['select 1', []]],
    [
      [0, []],
      ['select ?', ['a']],
    ],
    [[1, ['b']]],
  ])
})

test('an object that began anew is told the texts again, and no number is taken for another text', async () => {
  const { object, d1 } = fakeObject()
  for (const text of ['select 1', 'select 2']) await d1.prepare(text).all()
  Object.assign(object, { epoch: 2, texts: [] })
  const read = async (text: string) => (await d1.prepare(text).all()).results
  expect(await read('select 2')).toEqual([{ text: 'select 2' }])
  expect(await read('select 1')).toEqual([{ text: 'select 1' }])
  expect(await read('select 2')).toEqual([{ text: 'select 2' }])
  expect(object.requests.at(-1)).toEqual([2, [0, []]])
})
