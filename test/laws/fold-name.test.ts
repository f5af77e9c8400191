// The fold of names: what it makes equal, what it leaves apart, and that searches know every spelling it makes equal.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { foldName, spellingsOf } from '../../src/http/fold-name.ts'

const LAST = 0x10ffff
const characters = function* () {
  for (let code = 0x80; code <= LAST; code++) if (code < 0xd800 || code > 0xdfff) yield String.fromCodePoint(code)
}

describe('the fold', () => {
  test.each([
    ['müller', 'MÜLLER'],
    ['mu\u0308ller', 'MÜLLER'],
    ['ΣΑΣ', 'σας'],
    ['élan', 'Élan'],
    ['𐐨', '𐐀'],
    ['\u212bngstrom', 'ångstrom'],
  ])('makes %s and %s one', (one, other) => expect(foldName(one)).toBe(foldName(other)))

  test.each([
    ['İstanbul', 'istanbul'],
    ['ılgaz', 'ilgaz'],
    ['ſ', 's'],
    ['straße', 'STRASSE'],
    ['ŉ', 'ʼN'],
    ['é', 'e'],
    ['ﬁ', 'fi'],
  ])('leaves %s and %s two', (one, other) => expect(foldName(one)).not.toBe(foldName(other)))

  test('takes the four normal forms by canonical equivalence, and nothing else from a text', () => {
    const text = fc.string({ unit: 'grapheme' })
    fc.assert(
      fc.property(text, (name) => {
        expect(foldName(name.normalize('NFD'))).toBe(foldName(name))
        expect([...foldName(name)].length).toBe([...name.normalize('NFC')].length)
      }),
    )
  })

  test('is that of ASCII for ASCII', () => {
    fc.assert(fc.property(fc.string({ unit: 'grapheme-ascii' }), (name) => foldName(name) === name.toUpperCase()))
  })

  test('never makes an ASCII letter of another character, and is known by its spellings in full', () => {
    const spelled = new Map<string, string[]>()
    for (const character of characters()) {
      if (character.normalize('NFC') !== character) continue
      const folded = foldName(character)
      if (folded !== character) spelled.set(folded, [...(spelled.get(folded) ?? []), character])
    }
    expect([...spelled.keys()].filter((folded) => folded <= '\x7f')).toEqual([])
    for (const [folded, others] of spelled) {
      expect([
        folded,
        spellingsOf(folded)
          .filter((one) => one.normalize('NFC') === one)
          .sort(),
      ]).toEqual([folded, others.sort()])
    }
  })
})
