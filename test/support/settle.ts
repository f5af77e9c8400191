// What an embedded tenant remembers, for tests of it.
import { expect, vi } from 'vitest'
import { app } from '../../src/app.ts'
import { answer } from './tenant.ts'

/** Asks until the answer is one that was remembered, and returns it. */
export async function settled(ask: () => Promise<Response>): Promise<Response> {
  await answer(await ask())
  await answer(await ask())
  const asked = vi.spyOn(app, 'fetch')
  const again = await ask()
  expect(asked).not.toHaveBeenCalled()
  asked.mockRestore()
  return again
}
