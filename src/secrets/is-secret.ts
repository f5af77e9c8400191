// Tells by the name of a setting or property whether its value is a secret. One list for both uses, sealing in the database and
// masking in the journal: with two, the journal would show in clear what the settings keep sealed.

/**
 * Endings of names, in any case, whose values are sealed: `Email.Smtp.Password`, an external provider's `ClientSecret`. The
 * list may only grow: without an ending, values that were sealed because of it would be returned sealed.
 */
export const SEALED_ENDINGS = [
  ...['password', 'passphrase', 'secret', 'secretkey', 'privatekey', 'apikey', 'accesskey', 'accountkey'],
  ...['token', 'connectionstring'],
] as const

const SEALED_NAME = new RegExp(`(?:${SEALED_ENDINGS.join('|')})$`, 'i')

/** Parts of names whose values are masked as well. Masking too much is harmless: it changes a copy and not the value. */
const MASKED_NAME =
  /password|passwd|passphrase|secret|token|credential|authorization|assertion|api_?key|access_?key|account_?key|private|connection_?string|device_?code|user_?code|code_?verifier/i

/** Whether a setting of that name is stored sealed. @example isSealed('Email.Smtp.Password') // true */
export const isSealed = (name: string): boolean => SEALED_NAME.test(name)

/** Whether a property of that name is masked in the journal: every one that is sealed, and more. */
export const isMasked = (name: string): boolean => isSealed(name) || MASKED_NAME.test(name)
