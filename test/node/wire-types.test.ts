// The types that a package's users write their seeds and calls in, and read answers with, compared to the control plane's
// schemas. The compiler is the judge: a property that one side lacks or types otherwise fails `tsc`.
import { expectTypeOf, test } from 'vitest'
import type * as z from 'zod/mini'
import type { TokenResponse } from '../../src/connect/connect.schema.ts'
import type { Fault, WriteFault } from '../../src/control/effects/fault.schema.ts'
import type { JournalEntry as WrittenEntry } from '../../src/control/effects/journal.ts'
import type { Clock } from '../../src/control/routes/clock.routes.ts'
import type { Key, MadeKey as MadeKeySchema } from '../../src/control/routes/key.routes.ts'
import type { Snapshot as SnapshotSchema } from '../../src/control/routes/snapshot.routes.ts'
import type { CreatedTenant, Tenant } from '../../src/control/routes/tenant.routes.ts'
import type { WriteToken } from '../../src/control/routes/token.routes.ts'
import type { WriteSignIn } from '../../src/control/routes/user-token.routes.ts'
import type { TenantDocument } from '../../src/control/states/document.schema.ts'
import type { ArmedFault, FaultRule } from '../../src/node/library/fault-rule.ts'
import type { JournalEntry, JournalFilter } from '../../src/node/library/journal-entry.ts'
import type { SeedDocument } from '../../src/node/library/seed-document.ts'
import type {
  ClockReading,
  MadeKey,
  SignInAnswer,
  SignInOptions,
  Snapshot,
  TeamKey,
  TenantDescription,
  TenantSummary,
  TokenOptions,
} from '../../src/node/library/wire.ts'

const same = <Shape>(shape: Shape): Shape => shape

/** The names of a document's properties, section by section. */
type Names<Document> = {
  [Section in keyof Document]-?: NonNullable<Document[Section]> extends (infer Entry extends object)[]
    ? keyof Entry
    : true
}

/** The same with everything in it readonly, and no property that is there but undefined, as JSON has none. */
type Frozen<Value> = Value extends readonly (infer Item)[]
  ? readonly Frozen<Item>[]
  : Value extends object
    ? { readonly [Name in keyof Value]: Frozen<Exclude<Value[Name], undefined>> }
    : Value

/** The same with texts in the place of names of operations and scopes, which the control plane compares itself. */
type Plain<Value> = Frozen<{
  [Name in keyof Value]: Name extends 'operation' ? string : Name extends 'scopes' ? readonly string[] : Value[Name]
}>

test('a seed is a document, a document a seed, and neither has a property that the other lacks', () => {
  const seed: SeedDocument = {}
  const document = same<TenantDocument>(seed)
  same<SeedDocument>(document)
  expectTypeOf<Names<SeedDocument>>().toEqualTypeOf<Readonly<Names<TenantDocument>>>()
})

test('what is sent is what the control plane takes', () => {
  expectTypeOf<Plain<TokenOptions>>().toEqualTypeOf<Frozen<WriteToken>>()
  expectTypeOf<Plain<SignInOptions>>().toEqualTypeOf<Frozen<z.infer<typeof WriteSignIn>>>()
  expectTypeOf<Plain<FaultRule>>().toEqualTypeOf<Frozen<WriteFault>>()
})

test('a name that there is not does not compile', () => {
  same<FaultRule>({ operation: 'Group_UpdateGroup' })
  same<FaultRule>({ operation: 'group_updategroup' })
  same<JournalFilter>({ operation: 'Token_Issue' })
  same<TokenOptions>({ scopes: ['PM.Group.Read', 'OR.Jobs'] })
  // @ts-expect-error the operation is Group_UpdateGroup
  same<FaultRule>({ operation: 'Group_Update' })
  // @ts-expect-error the operation is Setting_UpdateSettings
  same<JournalFilter>({ operation: 'Setting_UpdateSetings' })
  // @ts-expect-error the scope is PM.Group
  same<TokenOptions>({ scopes: ['PM.Grup'] })
  // @ts-expect-error the scope is PM.User
  same<SignInOptions>({ user: 'ada', scopes: ['PM.Users'] })
})

test('what is read is what the control plane answers', () => {
  expectTypeOf<Frozen<Fault>>().toExtend<ArmedFault>()
  expectTypeOf<Frozen<z.infer<typeof Tenant>>>().toEqualTypeOf<TenantSummary>()
  expectTypeOf<Frozen<z.infer<typeof CreatedTenant>>>().toExtend<TenantDescription>()
  expectTypeOf<keyof z.infer<typeof CreatedTenant>>().toEqualTypeOf<keyof TenantDescription>()
  expectTypeOf<Frozen<z.infer<typeof Key>>>().toEqualTypeOf<TeamKey>()
  expectTypeOf<keyof z.infer<typeof MadeKeySchema>>().toEqualTypeOf<keyof MadeKey>()
  expectTypeOf<Frozen<z.infer<typeof SnapshotSchema>>>().toEqualTypeOf<Snapshot>()
  expectTypeOf<Frozen<TokenResponse>>().toEqualTypeOf<Frozen<SignInAnswer>>()
  expectTypeOf<Frozen<z.infer<typeof Clock>>>().toEqualTypeOf<ClockReading>()
  expectTypeOf<Frozen<WrittenEntry> & { readonly number: number }>().toExtend<JournalEntry>()
  expectTypeOf<keyof WrittenEntry | 'number'>().toEqualTypeOf<keyof JournalEntry>()
})
