// The types a package's users write their seeds in, held to what the control plane takes. The compiler is the judge.
import { expectTypeOf, test } from 'vitest'
import type { WriteFault } from '../../src/control/effects/fault.schema.ts'
import type { TenantDocument } from '../../src/control/states/document.schema.ts'
import type { SeedDocument } from '../../src/node/library/seed-document.ts'
import type { FaultRule } from '../../src/node/library/wire.ts'

const same = <Shape>(shape: Shape): Shape => shape

/** The words of a document's sections. */
type Words<Document> = {
  [Section in keyof Document]-?: NonNullable<Document[Section]> extends (infer Entry extends object)[]
    ? keyof Entry
    : true
}

test('a seed is a document, a document a seed, and neither has a word the other does not know', () => {
  const seed: SeedDocument = {}
  const document = same<TenantDocument>(seed)
  same<SeedDocument>(document)
  expectTypeOf<Words<SeedDocument>>().toEqualTypeOf<Readonly<Words<TenantDocument>>>()
})

test('faults have the same words', () => {
  expectTypeOf<keyof FaultRule>().toEqualTypeOf<keyof WriteFault>()
})
