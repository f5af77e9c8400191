// `npm start`. Node keeps what it makes of the TypeScript that it imports from here on: without that each start strips the types
// of a hundred files anew, which takes longer than the server itself.
import { enableCompileCache } from 'node:module'
import { join } from 'node:path'

enableCompileCache(join(import.meta.dirname, '../../../node_modules/.cache/identity-edge/node'))
await import('./start-command.ts')
