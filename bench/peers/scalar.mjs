// @scalar/mock-server as its guide runs it. It comes as a library; the arguments are the OpenAPI document and the port.
import { readFile } from 'node:fs/promises'
import { serve } from '@hono/node-server'
import { createMockServer } from '@scalar/mock-server'

const [file, port] = process.argv.slice(2)
const document = JSON.parse(await readFile(file, 'utf8'))
const app = await createMockServer({ document, logger: false })
serve({ fetch: app.fetch, port: Number(port), hostname: '127.0.0.1' })
