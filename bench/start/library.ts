// A process that starts a tenant as a test file does, by the package that is installed in the folder it is given, and prints how many
// milliseconds it took from the call to the first settings that are answered.
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const [, , installed = ''] = process.argv
const library = pathToFileURL(join(installed, 'node_modules/identity-edge/dist/library.js'))
const { startTenant }: typeof import('../../src/node/library/library.ts') = await import(library.href)

const began = performance.now()
const tenant = await startTenant()
const headers = { authorization: `Bearer ${await tenant.token()}` }
const answer = await fetch(`${tenant.url}/identity_/api/Setting?partitionGlobalId=${tenant.id}`, { headers })
await answer.text()
const milliseconds = performance.now() - began
if (answer.status !== 200) throw new Error(`the first call is answered with ${answer.status}`)
await tenant.stop()
console.log(milliseconds)
