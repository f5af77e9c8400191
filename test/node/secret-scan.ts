// Looks for secrets in a text: keys, tokens of known shapes, and random-looking texts that are given a secret's name.

/** Shapes that are secrets wherever they stand. */
const SHAPES: Record<string, RegExp> = {
  'private key': /-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----\s*(?:\\n)?[A-Za-z0-9+/=]{16,}[^'"`]*/g,
  'private JWK': /["']?\bd["']?\s*:\s*["'][\w-]{40,}["']/g,
  JWT: /\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}/g,
  'AWS key': /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g,
  'GitHub token': /\b(?:gh[pousr]_[A-Za-z0-9]{30,}|github_pat_\w{30,})/g,
  'npm token': /\bnpm_[A-Za-z0-9]{30,}/g,
  'Google key': /\bAIza[\w-]{30,}/g,
  'Slack token': /\bxox[abprs]-[\w-]{10,}/g,
  'Stripe key': /\b[sr]k_live_\w{16,}/g,
  'UiPath token': /\brt_[A-F0-9]{32,}/g,
  'sealed text': /sealed:v1:[\w-]{8}:[\w-]{16}:[\w-]{22,}/g,
}

/** A name that means a secret, and the text that is given to it. */
const ASSIGNMENT =
  /(?:secret|passw(?:or)?d|passphrase|token|credential|(?:api|access|private|signing|encryption)_?-?key)\w*["'`]?\s*[:=]\s*["'`]?([\w+/=.~-]{16,})["'`]?/gi

/** Bits a character, above which a text looks random. English words with hyphens stay below; 16 random bytes are above. */
const RANDOM = 3.6

export interface Finding {
  what: string
  text: string
}

/** What looks like a secret in `text`. */
export function findSecrets(text: string): Finding[] {
  const shaped = Object.entries(SHAPES).flatMap(([what, shape]) =>
    Array.from(text.matchAll(shape), ([found]) => ({ what, text: found })),
  )
  const named = Array.from(text.matchAll(ASSIGNMENT), ([, value = '']) => value)
    .filter((value) => looksRandom(value))
    .map((value) => ({ what: 'random text under the name of a secret', text: value }))
  return [...shaped, ...named]
}

// Names of properties and modules are long as well, but hold no digits, or dots between words.
const looksRandom = (value: string) => /\d/.test(value) && /[A-Za-z]/.test(value) && entropy(value) > RANDOM

function entropy(text: string): number {
  const counts = new Map<string, number>()
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1)
  let bits = 0
  for (const count of counts.values()) bits -= (count / text.length) * Math.log2(count / text.length)
  return bits
}
