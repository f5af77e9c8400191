// A scope that can be granted, where one that cannot is refused instead of left out.
import { oneOf } from '../http/one-of.ts'
import { SCOPES } from './scopes.ts'

const NAMES: readonly string[] = SCOPES

/** @param more what the refusal says beside */
export const scopeName = (more?: string) => oneOf('scope', NAMES, more)
