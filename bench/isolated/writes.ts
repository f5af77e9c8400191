// A write at one connection: a setting of a tenant whose data is on tmpfs, and a row that a Durable Object inserts there.
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { send, sendJson } from './keep-alive.ts'
import { control, type Made, type Subject, tenant } from './subjects.ts'

const KEYS = 50

function counter() {
  let n = 0
  return () => ({ key: `k${n % KEYS}`, value: `v${n++}` })
}

/** A PUT Setting takes a tenth of a whole test: so many in the time of one. */
const REPEAT = 10

/** A PUT Setting on the tenant as `npm start` runs it. */
export const tenantWrite: Subject = {
  ...tenant,
  name: 'PUT Setting',
  alone: true,
  repeat: REPEAT,
  async test(origin) {
    const { id, name, tokens } = await sendJson<Made>(origin, 'POST', '/_control/tenants', {}, control)
    const next = counter()
    const path = `/${name}/identity_/api/Setting`
    const bearer = { authorization: `Bearer ${tokens.admin}` }
    return async () => {
      await sendJson(origin, 'PUT', path, { settings: [next()], partitionGlobalId: id }, bearer)
    }
  },
}

/** The insert with no more than HTTP around it. */
export const bareWrite: Subject = {
  name: 'bare insert',
  alone: true,
  repeat: REPEAT,
  async command(port, directory) {
    const { default: file }: { default: string } = createRequire(import.meta.url)('workerd')
    const config = join(import.meta.dirname, 'bare.capnp')
    return {
      file,
      args: ['serve', config, `--socket-addr=entry=127.0.0.1:${port}`, `--directory-path=rows=${directory}`],
    }
  },
  isUp: (origin) => send(origin, { method: 'GET', path: '/' }),
  async test(origin) {
    const next = counter()
    return async () => {
      await send(origin, { method: 'PUT', path: '/', body: JSON.stringify({ id: 'tenant', ...next() }) })
    }
  },
}
