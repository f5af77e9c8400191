// Which names mean a secret: the one place that says so, for what is sealed in the database and what is masked before it
// is written down.

/**
 * Endings of names, in any case, whose values are sealed: `Email.Smtp.Password`, an external provider's `ClientSecret`. One
 * that is taken away leaves values sealed that nobody opens any more: the list only grows.
 */
export const SEALED_ENDINGS = [
  ...['password', 'passphrase', 'secret', 'secretkey', 'privatekey', 'apikey', 'accesskey', 'accountkey'],
  ...['token', 'connectionstring'],
] as const

const SEALED_NAME = new RegExp(`(?:${SEALED_ENDINGS.join('|')})$`, 'i')

/** Parts of other names whose values are masked. They may say too much: a masked value is not lost. */
const MASKED_NAME =
  /password|passwd|passphrase|secret|token|credential|authorization|assertion|api_?key|access_?key|account_?key|private|connection_?string/i

/** Whether the value that is kept under `name` is sealed. */
export const isSealed = (name: string): boolean => SEALED_NAME.test(name)

/** Whether the value that is told under `name` is masked: all that is sealed is, and more. */
export const isMasked = (name: string): boolean => isSealed(name) || MASKED_NAME.test(name)
