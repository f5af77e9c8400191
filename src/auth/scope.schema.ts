// The name of a scope in the control plane's requests. One that cannot be granted is refused with the nearest name.
import { oneOf } from '../http/one-of.ts'
import { REGISTRABLE_SCOPES } from './scopes.ts'

/** @param more a sentence that the refusal goes on with */
export const scopeName = (more?: string) => oneOf('scope', REGISTRABLE_SCOPES, more)
