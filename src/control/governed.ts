// The operations that faults can meet and the journal can name: those of the app that answers under this plane.
import type { Hono } from 'hono'
import * as z from 'zod/mini'
import { type Operation, operations } from '../http/contract.ts'
import { noSuch } from '../http/nearest.ts'

type Governed = Pick<Hono, 'routes'>

let governed: Governed = { routes: [] }

/** Says which app that is. Its routes may still be added: they are looked at when a request names one. */
export function govern(app: Governed) {
  governed = app
}

export const governedOperations = (): Operation[] => operations(governed)

const operationIds = () => governedOperations().map(({ contract }) => contract.operationId)

/** The operations of that name, in any case. */
export const operationsNamed = (name: string) =>
  governedOperations().filter(({ contract }) => contract.operationId.toLowerCase() === name.toLowerCase())

/** Methods that operations have. HEAD is answered wherever GET is. */
const methods = () => [...new Set(['HEAD', ...governedOperations().map(({ method }) => method)])].sort()

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

/** One of `names`, as they are written. */
export const oneOf = <const Name extends string>(what: string, names: readonly Name[]) =>
  z.enum(names, { error: ({ input }) => noSuch(what, input, names) })
