// Scopes that can be granted.
import { SCOPES } from '../auth/scopes.ts'
import { oneOf } from './governed.ts'

const NAMES: readonly string[] = SCOPES

export const ScopeName = oneOf('scope', NAMES)
