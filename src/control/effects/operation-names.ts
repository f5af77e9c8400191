// The names of the operations that faults and the journal can refer to, so that a misspelt one is refused and not ignored.
import type { Hono } from 'hono'
import * as z from 'zod/mini'
import { operations } from '../../http/contract.ts'
import { noSuch } from '../../http/nearest.ts'

type Routed = Pick<Hono, 'routes'>

let app: Routed = { routes: [] }

/** Sets the app whose operations they are. Routes may be added afterwards: they are read when a request names one. */
export function takeOperationsFrom(routed: Routed) {
  app = routed
}

const operationIds = () => operations(app).map(({ contract }) => contract.operationId)

/** Names that operations had in versions before, in lower case: tests that were written for these still say them. */
const FORMER: Readonly<Record<string, string>> = { token_issue: 'Connect_Token' }

const present = (name: string) => FORMER[name.toLowerCase()] ?? name

/** The operations of that name, in any case; several where one name has several methods. */
export const operationsNamed = (name: string) =>
  operations(app).filter(({ contract }) => contract.operationId.toLowerCase() === present(name).toLowerCase())

/** The paths of all operations, each with its methods. */
export const servedPaths = () =>
  [...Map.groupBy(operations(app), ({ path }) => path)].map(([path, there]) => ({
    path,
    methods: there.map(({ method }) => method),
  }))

const methods = () => [...new Set(operations(app).map(({ method }) => method))].sort()

/** The name of an operation in the OpenAPI document, such as `Group_UpdateGroup`, in any case. A former one becomes the present. */
export const OperationName = z.pipe(
  z.string().check(
    z.refine((name: string) => operationsNamed(name).length > 0, {
      error: ({ input }) => noSuch('operation', input, operationIds()),
    }),
  ),
  z.transform(present),
)

/** A method that some operation has, in any case. */
export const MethodName = z.string().check(
  z.refine((name: string) => methods().includes(name.toUpperCase()), {
    error: ({ input }) => noSuch('method', input, methods()),
  }),
)
