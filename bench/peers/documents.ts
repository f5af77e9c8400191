// What the peers that serve a document are given: the same rows, as an OpenAPI document and as a Mockoon environment.
import { randomUUID } from 'node:crypto'

/** For Prism and Scalar: the answers are examples. */
export function openApiDocument(path: string, read: object[], written: object[]) {
  const answer = (example: object[]) => ({
    200: {
      description: 'Settings',
      content: { 'application/json': { schema: { type: 'array', items: SETTING }, example } },
    },
  })
  return {
    openapi: '3.0.3',
    info: { title: 'Settings', version: '1' },
    paths: {
      [path]: {
        get: {
          operationId: 'getSettings',
          parameters: [
            { name: 'key', in: 'query', schema: { type: 'array', items: { type: 'string' } } },
            { name: 'partitionGlobalId', in: 'query', schema: { type: 'string' } },
          ],
          responses: answer(read),
        },
        put: {
          operationId: 'putSettings',
          requestBody: { content: { 'application/json': { schema: UPDATE } } },
          responses: answer(written),
        },
      },
    },
  }
}

const text = { type: 'string' }

const SETTING = {
  type: 'object',
  properties: {
    id: { type: 'integer' },
    key: text,
    value: text,
    partitionGlobalId: text,
    userId: { type: 'string', nullable: true },
  },
}

const UPDATE = {
  type: 'object',
  properties: {
    settings: { type: 'array', items: { type: 'object', properties: { key: text, value: text } } },
    partitionGlobalId: text,
  },
}

/** For Mockoon: a data bucket behind a CRUD route, and a fixed answer to PUT. `templates`: it looks for some in them. */
export function mockoonEnvironment(
  port: number,
  endpoint: string,
  { read, written }: { read: object[]; written: object[] },
  templates: boolean,
) {
  const bucket = { uuid: randomUUID(), id: 'sett', name: 'settings', documentation: '', value: JSON.stringify(read) }
  const routes = [
    route({ type: 'http', method: 'put', endpoint, body: JSON.stringify(written), templates }),
    route({ type: 'crud', method: '', endpoint, bucket: bucket.id, templates }),
  ]
  return {
    uuid: randomUUID(),
    lastMigration: 33,
    name: 'settings',
    endpointPrefix: '',
    latency: 0,
    port,
    hostname: '127.0.0.1',
    folders: [],
    routes,
    rootChildren: routes.map(({ uuid }) => ({ type: 'route', uuid })),
    proxyMode: false,
    proxyHost: '',
    proxyRemovePrefix: false,
    tlsOptions: { enabled: false, type: 'CERT', pfxPath: '', certPath: '', keyPath: '', caPath: '', passphrase: '' },
    cors: false,
    headers: [],
    proxyReqHeaders: [],
    proxyResHeaders: [],
    data: [bucket],
    callbacks: [],
  }
}

interface Route {
  type: 'http' | 'crud'
  method: 'put' | ''
  endpoint: string
  body?: string
  bucket?: string
  templates: boolean
}

function route({ type, method, endpoint, body = '', bucket = '', templates }: Route) {
  const response = {
    uuid: randomUUID(),
    body,
    latency: 0,
    statusCode: 200,
    label: '',
    headers: [{ key: 'Content-Type', value: 'application/json' }],
    bodyType: bucket ? 'DATABUCKET' : 'INLINE',
    filePath: '',
    databucketID: bucket,
    sendFileAsBody: false,
    rules: [],
    rulesOperator: 'OR',
    disableTemplating: !templates,
    fallbackTo404: false,
    default: true,
    crudKey: 'id',
    callbacks: [],
  }
  return {
    uuid: randomUUID(),
    type,
    documentation: '',
    method,
    endpoint,
    responses: [response],
    responseMode: null,
    streamingMode: null,
    streamingInterval: 0,
  }
}
