// The JSON Schema of seed files, by which editors complete and check them.
import { toJSONSchema } from 'zod/v4/core'
import { closeObject } from '../../http/openapi.ts'
import { TenantDocument } from './document.schema.ts'

export const seedSchema = () => ({
  title: 'A tenant of identity-edge',
  ...toJSONSchema(TenantDocument, { io: 'input', unrepresentable: 'any', override: closeObject }),
})
