// When two names are the same: the fold by which names and addresses are compared, wherever they are.

/** Real server: .NET's invariant casing leaves them, because their capitals are ASCII (the runtime's source). */
const WITHOUT_CAPITAL = new Set(['ı', 'ſ'])

/**
 * One spelling for all names that are the same: in Unicode's form NFC and in capitals, character by character. One whose
 * capital is several characters stays as it is. Real server: ASP.NET Core Identity's lookup normalizer.
 */
export const foldName = (name: string): string =>
  isAscii(name) ? name.toUpperCase() : [...name.normalize('NFC')].map(capital).join('')

const isAscii = (text: string) => !/[^\0-\x7f]/.test(text)

function capital(character: string): string {
  if (WITHOUT_CAPITAL.has(character)) return character
  const upper = character.toUpperCase()
  return isOne(upper) ? upper : character
}

const isOne = (text: string) => text.length === 1 || (text.length === 2 && (text.codePointAt(0) ?? 0) > 0xffff)

/** Capitals of more characters than the one that is their small letter. */
const MORE: Readonly<Record<string, string>> = {
  ...{ Σ: 'ς', Ǆ: 'ǅ', Ǉ: 'ǈ', Ǌ: 'ǋ', Ǳ: 'ǲ', Μ: 'µ', Β: 'ϐ', Θ: 'ϑ', Φ: 'ϕ', Π: 'ϖ', Κ: 'ϰ', Ρ: 'ϱ', Ε: 'ϵ' },
  ...{ Ṡ: 'ẛ', Ι: '\u1fbe\u0345', В: 'ᲀ', Д: 'ᲁ', О: 'ᲂ', С: 'ᲃ', Т: 'ᲄᲅ', Ъ: 'ᲆ', Ѣ: 'ᲇ', Ꙋ: 'ᲈ' },
}

/** The other characters that {@link foldName} makes this folded one of. */
export function spellingsOf(folded: string): string[] {
  const small = folded.toLowerCase()
  const others = isOne(small) && small !== folded && capital(small) === folded ? [small] : []
  return [...others, ...(MORE[folded] ?? '')]
}
