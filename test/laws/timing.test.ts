// What a request spent its time on, for those who ask.
import { describe, expect, test } from 'vitest'
import { adminOf, call, createPartition } from '../support/tenant.ts'

const partition = await createPartition()
const token = await adminOf(partition)
const path = `/api/Setting?key=k&partitionGlobalId=${partition}`
const get = (prefer: string | undefined, as: string | undefined = token) =>
  call('GET', path, { token: as, headers: prefer === undefined ? {} : { Prefer: prefer } })

describe('Prefer: timing', () => {
  test.each(['timing', 'Timing', 'respond-async, timing', 'timing;foo=bar, wait=10'])(
    '%s is applied',
    async (prefer) => {
      const response = await get(prefer)
      expect(response.status).toBe(200)
      expect(response.headers.get('Server-Timing')).toMatch(/^auth;dur=\d+\.\d, d1;dur=\d+\.\d, total;dur=\d+\.\d$/)
      expect(response.headers.get('Preference-Applied')).toBe('timing')
      expect(response.headers.get('x-d1-bookmark')).toMatch(/^[0-9a-f-]{59}$/)
    },
  )

  test.each([undefined, '', 'timings', 'x-timing', 'code=503'])('%s is not', async (prefer) => {
    const { headers } = await get(prefer)
    expect(headers.get('Server-Timing')).toBeNull()
    expect(headers.get('Preference-Applied')).toBeNull()
  })

  test('is applied to a refusal as well', async () => {
    const response = await get('timing', 'x')
    expect(response.status).toBe(401)
    expect(response.headers.get('Server-Timing')).toMatch(/^total;dur=/)
  })
})
