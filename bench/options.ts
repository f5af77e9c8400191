// The command line of a run.
import { parseArgs } from 'node:util'
import type { ToolName } from './load.ts'
import type { Rounds } from './rounds.ts'

export const USAGE = `npm run bench -- [growth|test|start] [--seconds N] [--rounds N] [--only PART]... [--load wrk|autocannon]

Without growth: the tenant beside its floor and other mock servers.
  Parts: settings, groups, token, single, starts, bundle
With growth: the tenant's reads and writes as what it holds grows.
  Parts: partitions, settings, connections
With test: what one isolated test costs, beside servers in which a test can have a tenant of its own.
With start: how long the library, npm start and npx identity-edge take to their first answers.
A run of some parts is printed and not kept.`

const PARTS = {
  speed: ['settings', 'groups', 'token', 'single', 'starts', 'bundle'],
  growth: ['partitions', 'settings', 'connections'],
  test: [],
  start: [],
} as const

export type Subject = keyof typeof PARTS
export type Part = (typeof PARTS)[Subject][number]

export interface Options extends Rounds {
  subject: Subject
  /** Empty: all. */
  only: string[]
  load: ToolName | undefined
}

/** @throws with a message for the person at the keyboard */
export function readOptions(args: string[]): Options {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      seconds: { type: 'string', default: '3' },
      rounds: { type: 'string', default: '5' },
      only: { type: 'string', multiple: true, default: [] },
      load: { type: 'string' },
    },
  })
  const [subject = 'speed', ...more] = positionals
  if (more.length > 0 || !isSubject(subject)) {
    throw new Error(`there is nothing called ${positionals.join(' ')}`)
  }
  const only = values.only.flatMap((list) => list.split(','))
  const parts: readonly string[] = PARTS[subject]
  const unknown = only.filter((part) => !parts.includes(part))
  if (unknown.length > 0) {
    throw new Error(`${subject} has no part ${unknown.join(', ')}`)
  }
  return {
    subject,
    only,
    seconds: wholeNumber('seconds', values.seconds, 30),
    rounds: wholeNumber('rounds', values.rounds, 20),
    load: toolName(values.load),
  }
}

const isSubject = (name: string): name is Subject => Object.hasOwn(PARTS, name)

export const wants = ({ only }: Options, part: Part) => only.length === 0 || only.includes(part)

function wholeNumber(name: string, text: string, most: number): number {
  const number = Number(text)
  if (!Number.isInteger(number) || number < 1 || number > most) {
    throw new Error(`--${name} is a whole number from 1 to ${most}`)
  }
  return number
}

function toolName(text: string | undefined): ToolName | undefined {
  if (text === undefined || text === 'wrk' || text === 'autocannon') {
    return text
  }
  throw new Error('--load is wrk or autocannon')
}
