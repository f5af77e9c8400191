// D1's bookmark in answers: each has that of its own request.
import { expect, test } from 'vitest'
import { BOOKMARK, noContent, ok } from '../../src/http/ok.ts'

test('an answer keeps its bookmark when others are made after it', () => {
  const answers = ['one', 'other', 'other', undefined, 'one'].map((bookmark) => ok({ get: () => bookmark }, []))
  expect(answers.map(({ headers }) => headers.get(BOOKMARK))).toEqual(['one', 'other', 'other', null, 'one'])
  expect(answers.map(({ headers }) => headers.get('Cache-Control'))).toEqual(answers.map(() => 'no-store'))
})

test('so does one without a body', () => {
  expect(noContent({ get: () => 'one' }).headers.get(BOOKMARK)).toBe('one')
  expect(noContent({ get: () => undefined }).headers.has(BOOKMARK)).toBe(false)
})
