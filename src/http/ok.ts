// The answers to requests that worked.
import type { Context } from 'hono'
import { JSON_UTF8 } from './refusal.ts'

/** 200 with `body` as JSON. */
export const ok = <const Body extends object>(c: Context, body: Body) => c.json(body, 200, JSON_UTF8)

/** 201 with `body` as JSON. */
export const created = <const Body extends object>(c: Context, body: Body) => c.json(body, 201, JSON_UTF8)

/** 204 */
export const noContent = (c: Context) => c.body(null, 204)
