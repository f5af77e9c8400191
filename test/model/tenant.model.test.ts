// Thousands of calls by several clients on one tenant, one after the other; every answer is compared with a plain model.
import { expect, test } from 'vitest'
import { call } from '../support/tenant.ts'
import { essence, matches } from './tenant.essence.ts'
import { type Draw, GROUP_CALLS } from './tenant.group-calls.ts'
import { forbidden } from './tenant.model.ts'
import { ROBOT_AND_SETTING_CALLS } from './tenant.robot-and-setting-calls.ts'
import { USER_CALLS } from './tenant.user-calls.ts'
import { createWorld, Die } from './tenant.world.ts'

const OPERATIONS = 10_000
const SEED = 20261122

/** How often each call has to succeed and to be refused, lest the walk goes where nothing happens. */
const AT_LEAST = 30

const CALLS = Object.entries<Draw>({ ...GROUP_CALLS, ...USER_CALLS, ...ROBOT_AND_SETTING_CALLS })
/** These make what the others need. */
const OFTEN = [
  ...['create group', 'change group', 'create user', 'create users', 'change user'],
  ...['create robot', 'put settings'],
]

const parse = (text: string): unknown => (text === '' ? null : JSON.parse(text))

test(`${OPERATIONS} calls are answered as the model says`, { timeout: 600_000 }, async () => {
  const world = await createWorld()
  const die = new Die(SEED)
  const kinds = [...CALLS, ...CALLS.filter(([name]) => OFTEN.includes(name))]
  const taken: string[] = []
  const seen = new Map<string, number>()
  for (let step = 0; step < OPERATIONS; step++) {
    const [kind, draw] = die.one(...kinds)
    const caller = die.caller(world)
    const { method, path, json, writes, answers } = draw(world, die, caller, die.place(world, caller))
    const response = await call(method, path, { token: caller.token, json })
    const text = await response.text()
    const found = { status: response.status, body: essence(parse(text)) }
    const expected = writes && caller.reads ? [forbidden] : await answers(parse(text))
    taken.push(`${step} ${kind}, ${caller.name}: ${method} ${path} ${JSON.stringify(json) ?? ''} -> ${response.status}`)
    if (!expected.some((answer) => matches(found, answer))) {
      const right = expected.map((answer) => JSON.stringify(answer)).join('\n      or ')
      const both = [`expected ${right}`, `found    ${JSON.stringify(found)}`, `         ${text}`]
      throw new Error([`seed ${SEED}`, ...taken.slice(-8), ...both].join('\n'))
    }
    const outcome = `${kind}: ${response.ok ? 'done' : 'refused'}`
    seen.set(outcome, (seen.get(outcome) ?? 0) + 1)
  }
  for (const [kind] of CALLS) {
    expect(seen.get(`${kind}: done`), kind).toBeGreaterThan(AT_LEAST)
    expect(seen.get(`${kind}: refused`), kind).toBeGreaterThan(AT_LEAST)
  }
})
