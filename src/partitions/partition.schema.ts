// Partitions in the paths of requests.
import * as z from 'zod/mini'
import { Identifier } from '../http/identifier.ts'

export const PartitionPath = z.object({ partitionGlobalId: Identifier })
