// The operations that faults can meet and the journal can name: those of the app that answers under this plane.
import type { Hono } from 'hono'
import * as z from 'zod/mini'
import { operations } from '../http/contract.ts'
import { noSuch } from '../http/nearest.ts'

type Routed = Pick<Hono, 'routes'>

let app: Routed = { routes: [] }

/** Says which app has them. Its routes may still be added: they are looked at when a request names one. */
export function takeOperationsFrom(routed: Routed) {
  app = routed
}

const operationIds = () => operations(app).map(({ contract }) => contract.operationId)

/** The operations of that name, in any case. */
export const operationsNamed = (name: string) =>
  operations(app).filter(({ contract }) => contract.operationId.toLowerCase() === name.toLowerCase())

/** Methods that operations have. HEAD is answered wherever GET is. */
const methods = () => [...new Set(['HEAD', ...operations(app).map(({ method }) => method)])].sort()

/** The name of an operation in the OpenAPI document, such as `Group_UpdateGroup`, in any case. */
export const OperationName = z.string().check(
  z.refine((name: string) => operationsNamed(name).length > 0, {
    error: ({ input }) => noSuch('operation', input, operationIds()),
  }),
)

/** A method that some operation has, in any case. */
export const MethodName = z.string().check(
  z.refine((name: string) => methods().includes(name.toUpperCase()), {
    error: ({ input }) => noSuch('method', input, methods()),
  }),
)
