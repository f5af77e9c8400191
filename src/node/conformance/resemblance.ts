// Which of several sentences is meant by one that none of them is.

/** How many words two sentences share, of all that they have: 0 to 1. */
function shared(one: string, other: string): number {
  const [words, others] = [new Set(one.split(/[\s.]+/)), new Set(other.split(/[\s.]+/))]
  const common = [...words].filter((word) => others.has(word)).length
  return common / (words.size + others.size - common)
}

/**
 * The one that shares most words with `sentence`, if it differs in a word or two alone.
 *
 * @example
 * resemblance('field extra: answer UserDto.kind', ['field extra: answer UserDto.category'])
 */
export function resemblance(sentence: string, among: readonly string[]): string | undefined {
  const [best] = among.toSorted((a, b) => shared(sentence, b) - shared(sentence, a))
  return best !== undefined && shared(sentence, best) >= 0.5 ? best : undefined
}
