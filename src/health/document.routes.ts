// The OpenAPI document of the API, made when it was built.
import { type Context, Hono } from 'hono'
import * as z from 'zod/mini'
import type { AppEnv } from '../database/session.ts'
import { asset } from '../http/asset.ts'
import { describe } from '../http/contract.ts'

const Document = z.looseObject({ openapi: z.string() })

// Real server: its own documents stand at /swagger/external and /swagger/internal.
export const documentRoutes = new Hono<AppEnv>()
  .get(
    '/swagger/external/swagger.json',
    describe(
      { operationId: 'OpenApi_Get', summary: 'This document, as JSON.', evidence: 'own', answer: Document },
      (c: Context<AppEnv>) => asset(c, '/openapi/external.json'),
    ),
  )
  .get(
    '/swagger/external/swagger.yaml',
    describe(
      {
        operationId: 'OpenApi_GetYaml',
        summary: 'This document, as YAML.',
        evidence: 'own',
        answer: z.string(),
        media: 'application/yaml',
      },
      (c: Context<AppEnv>) => asset(c, '/openapi/external.yaml'),
    ),
  )
