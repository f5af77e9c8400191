// Settings on the wire.
import * as z from 'zod/mini'
import { OptionalIdentifier } from '../http/identifier.ts'
import { notValid } from '../http/refusal.ts'
import { storable } from '../http/text.ts'

export const Setting = z.object({
  id: z.int(),
  key: z.string(),
  value: z.nullable(z.string()),
  partitionGlobalId: z.string(),
  userId: z.nullable(z.string()),
})
export type Setting = z.infer<typeof Setting>

export const SettingLookup = z.object({
  key: z._default(z.array(z.string()), []),
  partitionGlobalId: OptionalIdentifier,
  userId: OptionalIdentifier,
})

// Assumed: the limits; none is published. The vendor's own keys have at most 60 characters.
export const WriteSettings = z.object({
  settings: z
    .array(
      z.object({
        key: z.string().check(z.minLength(1), z.maxLength(1024), storable),
        value: z.optional(z.nullable(z.string().check(storable))),
      }),
    )
    .check(z.maxLength(1000)),
  partitionGlobalId: OptionalIdentifier,
  userId: OptionalIdentifier,
})

/** A row's id in a path. */
export const SettingPath = z.object({
  settingId: z.pipe(
    z.string().check(
      z.refine((id) => /^ *[+-]?\d{1,19} *$/.test(id), {
        error: notValid,
      }),
    ),
    z.transform(Number),
  ),
})

export const DeleteSettings = z.object({
  settings: z.array(z.string().check(z.maxLength(1024))),
  partitionGlobalId: OptionalIdentifier,
})

const text = z.optional(z.nullable(z.string()))

export const VerifySmtp = z.object({
  recipient: z
    .string()
    .check(z.maxLength(254), z.regex(/^[^\s@]+@[^\s@]+$/, 'The recipient is not an e-mail address.')),
  smtpSettings: z.object({
    host: z.string().check(z.maxLength(255), z.regex(/^[^\s/@]+$/, 'The host is not valid.')),
    port: z.int().check(z.minimum(1), z.maximum(65_535)),
    userName: text,
    password: text,
    domain: text,
    enableSsl: z.optional(z.boolean()),
    useDefaultCredentials: z.optional(z.boolean()),
    fromAddress: text,
    fromDisplayName: text,
  }),
})

export const SmtpVerdict = z.object({ sent: z.boolean(), message: z.string() })
