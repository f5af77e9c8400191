// Other mock servers, each given the same rows to answer, none asking for a token. Each runs as quietly as it can; Mockoon,
// whose fixed answers are templates and whose requests are logged unless one knows better, also as it comes.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Contender } from '../contender.ts'
import { getSettings, putSettings, READ_ROWS, WRITTEN_ROWS } from '../operations.ts'
import { mockoonEnvironment, openApiDocument } from './documents.ts'
import { peerPath, peerVersions } from './install.ts'

const PATH = '/api/Setting'

/** Puts a file where the peer finds it, and says where. */
async function put(directory: string, name: string, text: string): Promise<string> {
  const file = join(directory, name)
  await writeFile(file, text)
  return file
}

const documentIn = (directory: string) =>
  put(directory, 'openapi.json', JSON.stringify(openApiDocument(PATH, READ_ROWS, WRITTEN_ROWS)))

const atPath: Contender['calls'] = {
  'GET Setting': async (origin) => getSettings(origin + PATH),
  'PUT Setting': async (origin) => putSettings(origin + PATH),
}

async function mockoon(port: number, directory: string, how: { templates: boolean; flags: readonly string[] }) {
  const rows = { read: READ_ROWS, written: WRITTEN_ROWS }
  const environment = mockoonEnvironment(port, PATH.slice(1), rows, how.templates)
  const file = await put(directory, 'environment.json', JSON.stringify(environment))
  return { args: [join(peerPath('@mockoon/cli'), 'bin/run.js'), 'start', '--data', file, ...how.flags] }
}

interface Peer extends Pick<Contender, 'command' | 'calls'> {
  name: string
  /** What tells it from another way to run the same. */
  how?: string
  package: string
}

const PEERS: Peer[] = [
  {
    name: 'Scalar mock server',
    package: '@scalar/mock-server',
    command: async (port, directory) => ({
      args: [join(import.meta.dirname, 'scalar.mjs'), await documentIn(directory), String(port)],
    }),
    calls: atPath,
  },
  {
    name: 'Prism',
    package: '@stoplight/prism-cli',
    command: async (port, directory) => ({
      args: [
        join(peerPath('@stoplight/prism-cli'), 'dist/index.js'),
        ...['mock', '--host', '127.0.0.1', '--port', String(port)],
        ...['--multiprocess', 'false', '--verboseLevel', 'silent', await documentIn(directory)],
      ],
    }),
    calls: atPath,
  },
  {
    name: 'Mockoon',
    package: '@mockoon/cli',
    command: (port, directory) => mockoon(port, directory, { templates: true, flags: [] }),
    calls: atPath,
  },
  {
    name: 'Mockoon',
    how: 'quiet',
    package: '@mockoon/cli',
    command: (port, directory) =>
      mockoon(port, directory, {
        templates: false,
        flags: ['--disable-log-to-file', '--disable-admin-api', '--max-transaction-logs', '1'],
      }),
    calls: atPath,
  },
  {
    name: 'json-server',
    package: 'json-server',
    command: async (port, directory) => {
      // Data that comes as a program stays in memory; from a JSON file, every write would go to the disk.
      const data = JSON.stringify({ settings: READ_ROWS, written: { settings: WRITTEN_ROWS } })
      return {
        args: [
          join(peerPath('json-server'), 'lib/cli/bin.js'),
          ...['--host', '127.0.0.1', '--port', String(port), '--quiet'],
          await put(directory, 'data.js', `module.exports = () => (${data})`),
        ],
      }
    },
    // Its lists take no PUT: what is written is one object, which holds the seven rows.
    calls: {
      'GET Setting': async (origin) => getSettings(`${origin}/settings`),
      'PUT Setting': async (origin) => putSettings(`${origin}/written`),
    },
  },
]

/** All peers, with their versions in their names. */
export async function listPeers(): Promise<Contender[]> {
  const versions = await peerVersions()
  return PEERS.map((peer) => ({
    name: `${peer.name} ${versions[peer.package]}${peer.how ? `, ${peer.how}` : ''}`,
    kind: 'peer',
    command: peer.command,
    calls: peer.calls,
  }))
}
