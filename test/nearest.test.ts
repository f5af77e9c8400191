// What somebody meant who wrote a name that is not known.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { nearest, noSuch, notKnown } from '../src/http/nearest.ts'

describe('the nearest name', () => {
  test.each([
    ['userNme', ['email', 'userName'], 'userName'],
    ['USERNAME', ['email', 'userName'], 'userName'],
    ['Group_Update', ['Group_GetGroup', 'Group_UpdateGroup'], 'Group_UpdateGroup'],
    ['statusCode', ['kind', 'status'], 'status'],
    ['time', ['ttl', 'times'], 'times'],
    ['evn', ['env', 'remote'], 'env'],
    // One that is a few edits away goes before one that only begins alike.
    ['Setting_GetSettings', ['Setting_GetSettingsBulk', 'Setting_GetSetting'], 'Setting_GetSetting'],
    ['foo', ['ttl', 'bar'], undefined],
    ['', ['a', 'b'], undefined],
    ['x'.repeat(101), ['x'.repeat(102)], undefined],
  ])('of %j among %j is %j', (name, candidates, meant) => {
    expect(nearest(name, candidates)).toBe(meant)
  })

  test('is found after any three edits of a name long enough', () => {
    const edit = fc.tuple(fc.nat(), fc.constantFrom('insert', 'remove', 'replace'), fc.constantFrom(...'abcxyz'))
    fc.assert(
      fc.property(fc.array(edit, { maxLength: 3 }), (edits) => {
        const name = edits.reduce((text, [place, kind, letter]) => {
          const at = place % text.length
          return text.slice(0, at) + (kind === 'remove' ? '' : letter) + text.slice(kind === 'insert' ? at : at + 1)
        }, 'Setting_UpdateSettings')
        expect(nearest(name, ['Group_UpdateGroup', 'Setting_UpdateSettings', 'User_UpdateUser'])).toBe(
          'Setting_UpdateSettings',
        )
      }),
    )
  })
})

test('a refusal tells what was meant, or all there are if they are few, or nothing more', () => {
  expect(noSuch('kind', 'dorp', ['drop', 'status'])).toBe('there is no kind dorp; did you mean drop?')
  expect(noSuch('kind', 7, ['drop', 'status'])).toBe('there is no kind 7; there are drop and status.')
  expect(notKnown('seed.users[1].', 'x', ['only-one'])).toBe('seed.users[1].x is not known; there is only-one.')
  expect(notKnown('', 'x', [])).toBe('x is not known.')
  expect(
    notKnown(
      '',
      'zzzzzz',
      Array.from({ length: 13 }, (_, index) => `n${index}`),
    ),
  ).toBe('zzzzzz is not known.')
  expect(notKnown('', 'z'.repeat(2000), ['a'])).toHaveLength(100 + '… is not known; there is a.'.length)
})
