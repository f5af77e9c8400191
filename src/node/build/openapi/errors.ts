// The bodies of refusals.
import { ENUMERATIONS } from './enumerations.ts'
import type { Schema } from './schema.ts'
import { UNSERVED_COMPONENTS } from './unserved-properties.ts'

const text = (description: string, example?: string): Schema => ({
  type: 'string',
  description,
  ...(example !== undefined && { example }),
})

const errors: Schema = {
  type: 'object',
  description: 'What is wrong, by the place in the request; the empty name is the body as a whole.',
  additionalProperties: { type: 'array', items: { type: 'string' } },
  example: { partitionGlobalId: ["The value 'acme' is not valid."] },
}

const status: Schema = { type: 'integer', format: 'int32', description: 'The status of the answer.' }

/** Real server's framework: problem details (RFC 9457), with the trace of the request. */
const PROBLEM: Readonly<Record<string, Schema>> = {
  type: text('The section of RFC 9110 that has the status.', 'https://tools.ietf.org/html/rfc9110#section-15.5.5'),
  title: text('What the status means.', 'Not Found'),
  status,
  detail: text('What is the matter, in a sentence.'),
  traceId: text('W3C trace context of the request.', '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00'),
}

/** Bodies of the emulated API's refusals, and its enumerations. */
export const WIRE_COMPONENTS: Readonly<Record<string, Schema>> = {
  ...ENUMERATIONS,
  ...UNSERVED_COMPONENTS,
  ProblemDetails: {
    type: 'object',
    description: 'A refusal, as ASP.NET Core words it.',
    required: ['type', 'title', 'status', 'traceId'],
    properties: PROBLEM,
  },
  ValidationProblemDetails: {
    type: 'object',
    description: 'A refusal of malformed input.',
    required: ['errors', 'type', 'title', 'status', 'traceId'],
    properties: { errors, ...PROBLEM },
  },
  ErrorMessage: {
    type: 'object',
    description: 'A refusal in a sentence.',
    required: ['errorMessage'],
    properties: { errorMessage: text('Why the request was refused.', 'User is not host admin') },
  },
  ArgumentError: {
    type: 'object',
    description: 'A refusal of an argument.',
    required: ['StatusCode', 'StatusDescription', 'Message'],
    properties: {
      StatusCode: status,
      StatusDescription: text('The name of the status.', 'BadRequest'),
      Message: text('What is wrong with the argument.'),
    },
  },
}

/** Bodies of the control plane's refusals. A body that is too large, or no JSON, is refused as by the emulated API. */
export const CONTROL_COMPONENTS: Readonly<Record<string, Schema>> = {
  Problem: {
    type: 'object',
    description: 'A refusal (RFC 9457).',
    required: ['type', 'title', 'status', 'detail'],
    properties: {
      type: text('Always `about:blank`.', 'about:blank'),
      title: text('What the status means.', 'Bad Request'),
      status,
      detail: text('What is wrong, in sentences.', 'there is no client admn; did you mean admin?'),
      errors,
    },
  },
  ...Object.fromEntries(Object.entries(WIRE_COMPONENTS).filter(([name]) => name === 'ProblemDetails')),
}
