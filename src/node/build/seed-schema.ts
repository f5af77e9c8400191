// The JSON Schema of seed files, by which editors complete and check them.
import { toJSONSchema } from 'zod/v4/core'
import { TenantDocument } from '../../control/states/document.schema.ts'
import { closeObject } from './openapi/close-object.ts'

export const seedSchema = () => ({
  title: 'A tenant of identity-edge',
  ...toJSONSchema(TenantDocument, { io: 'input', unrepresentable: 'any', override: closeObject }),
})
