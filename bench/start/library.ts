// A process that starts a tenant as a test file does, and prints how many milliseconds it took from the call to the first settings
// that are answered.
import { startTestTenant } from '../../src/node/library/start-test-tenant.ts'
import { repository } from '../../src/node/local/repository.ts'

const began = performance.now()
const tenant = await startTestTenant(repository)
const headers = { authorization: `Bearer ${await tenant.token()}` }
const answer = await fetch(`${tenant.url}/identity_/api/Setting?partitionGlobalId=${tenant.id}`, { headers })
await answer.text()
const milliseconds = performance.now() - began
if (answer.status !== 200) throw new Error(`the first call is answered with ${answer.status}`)
await tenant.stop()
console.log(milliseconds)
