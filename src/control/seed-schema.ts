// The JSON Schema of a seed, for editors to complete by.
import { toJSONSchema } from 'zod/v4/core'
import { closeObject } from '../http/openapi.ts'
import { TenantDocument } from './document.schema.ts'

export const seedSchema = () => ({
  title: 'A tenant of identity-edge',
  ...toJSONSchema(TenantDocument, { io: 'input', unrepresentable: 'any', override: closeObject }),
})
