// Part of `npm run generate`: writes the names of operations and scopes as types, with which editors complete them. The
// package's declarations cannot infer them from the contracts, which need the Worker's sources.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { app } from '../../app.ts'
import { REGISTRABLE_SCOPES } from '../../auth/scopes.ts'
import { operations } from '../../http/contract.ts'
import { projectRoot } from '../config/config.ts'

const union = (names: readonly string[]) => [...new Set(names)].map((name) => `\n  | '${name}'`).join('')

const operationIds = operations(app).map(({ contract }) => contract.operationId)

export const namesText = `// Written by \`npm run generate\` from the contracts of the operations and the list of scopes.

/**
 * The id of an operation in the OpenAPI document.
 *
 * @example
 * \`\`\`ts
 * const operation: OperationId = 'Group_UpdateGroup'
 * \`\`\`
 */
export type OperationId =${union([...operationIds].sort())}

/**
 * The id of an operation, as faults and the journal take it: in lower case as well, and by the former name of one.
 *
 * @example
 * \`\`\`ts
 * const operation: OperationName = 'group_updategroup'
 * await tenant.fault({ operation, status: 503 })
 * \`\`\`
 */
export type OperationName = OperationId | Lowercase<OperationId> | 'Token_Issue'

/**
 * A scope that there is.
 *
 * @example
 * \`\`\`ts
 * const scopes: ScopeName[] = ['PM.Group.Read', 'PM.Setting']
 * const token = await tenant.token({ scopes })
 * \`\`\`
 */
export type ScopeName =${union(REGISTRABLE_SCOPES)}
`
export const namesPath = join(projectRoot, 'src/node/library/names.ts')

if (import.meta.main) writeFileSync(namesPath, namesText)
