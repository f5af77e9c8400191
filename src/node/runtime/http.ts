// What is used of node:http and node:https, loaded by `require`: an import of node:http loads Node's `fetch` as well, which takes a
// command longer than a tenth of its start. It is read off at once, so that mocks that replace it later do not concern it.
import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)

export const { Agent, request }: typeof import('node:http') = require('node:http')
export const { Agent: SecureAgent, request: secureRequest }: typeof import('node:https') = require('node:https')
