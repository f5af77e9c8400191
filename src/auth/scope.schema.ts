// A scope that can be granted, where one that cannot is refused instead of left out.
import { oneOf } from '../http/one-of.ts'
import { GRANTABLE_SCOPES } from './scopes.ts'

/** @param more what the refusal says beside */
export const scopeName = (more?: string) => oneOf('scope', GRANTABLE_SCOPES, more)
