// The ways to write a prefix, for a database that folds ASCII alone: a text that begins with the prefix by the fold of names
// begins with one of them as it is stored.
import { foldName, spellingsOf } from '../http/fold-name.ts'
import { foldId } from '../http/identifier.ts'

/** As many ways are told; each is looked up in an index. A prefix that has more is cut where it would have them. */
const MAX_SPELLED = 64

/** The prefixes, without those that differ in ASCII case alone. Composed and decomposed letters are among them. */
export function spelledPrefixes(prefix: string): string[] {
  const folded = foldName(prefix)
  let spelled = ['']
  let cut = ''
  for (const character of folded) {
    const letters = spelledLetters(character)
    if (spelled.length * letters.length > MAX_SPELLED) break
    spelled = spelled.flatMap((begin) => letters.map((letter) => begin + letter))
    cut += character
  }
  // As texts are mostly written, of a prefix that was cut: where many have its beginning, those would not all be looked at.
  const whole = [prefix, folded, folded.toLowerCase(), titled(folded)]
  const written =
    cut === folded ? [prefix] : whole.flatMap((text) => [text, text.normalize('NFC'), text.normalize('NFD')])
  return [...new Map([...spelled, ...written].map((text) => [foldId(text), text])).values()]
}

const spelledLetters = (folded: string): string[] => {
  const composed = [folded, ...spellingsOf(folded)]
  return [...new Set([...composed, ...composed.map((letter) => letter.normalize('NFD'))].map(foldId))]
}

const titled = (text: string) => text.toLowerCase().replace(/(?<!\p{L}|\p{M})\p{L}/gu, (letter) => letter.toUpperCase())
