// Parameters of the emulated API as the vendor's document declares them. The schemas that validate them read texts, as a URL
// has nothing else, and take more forms than a client should send.
import { refTo, type Schema } from './schema.ts'

const count = (maximum: number, otherwise: number): Schema => ({
  type: 'integer',
  format: 'int32',
  minimum: 0,
  maximum,
  default: otherwise,
})

export const PARAMETERS: Readonly<Record<string, Schema>> = {
  top: count(1000, 10),
  skip: count(2_147_483_647, 0),
  sortOrder: refTo('SortOrderDto'),
  entityType: refTo('DirectoryEntityType'),
  sourceFilter: { type: 'array', items: refTo('SourceFilter') },
  settingId: { type: 'integer', format: 'int64' },
  partitionGlobalId: { type: 'string', format: 'uuid' },
  groupId: { type: 'string', format: 'uuid' },
  userId: { type: 'string', format: 'uuid' },
  robotAccountId: { type: 'string', format: 'uuid' },
  since: { type: 'string', format: 'date-time' },
}
