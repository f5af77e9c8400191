// A list that can be searched, stepped through and added to.
import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import { Field } from './field.tsx'
import { Hint, Problem } from './notice.tsx'
import { Pager } from './pager.tsx'

interface ListingProps {
  readonly search: string
  readonly onSearch: (text: string) => void
  /** What the button says that adds to it. */
  readonly make: string
  /** Undefined where the key may add none. */
  readonly onMake: (() => void) | undefined
  readonly error: unknown
  /** The number of the first row that is shown, from 0. */
  readonly skip: number
  readonly onSkip: (skip: number) => void
  /** How many there are; undefined until that is known. */
  readonly total: number | undefined
  /** The rows that are shown. */
  readonly children: ComponentChildren
}

export function Listing({ search, onSearch, make, onMake, error, skip, onSkip, total, children }: ListingProps) {
  const find = (text: string) => {
    onSearch(text)
    onSkip(0)
  }
  return (
    <>
      <div class="row">
        <Field label="Search" type="search" value={search} onInput={find} />
        {onMake && (
          <button type="button" class="primary" onClick={onMake}>
            {make}
          </button>
        )}
      </div>
      <Problem error={error} />
      {total === 0 && <Hint>There is none.</Hint>}
      {total !== undefined && total > 0 && children}
      <Pager skip={skip} total={total ?? 0} onSkip={onSkip} />
    </>
  )
}

/** The state of a page with a {@link Listing}: what is searched for, how far it was stepped, and what a dialog asks. */
export function useListing<Asked>() {
  const [search, onSearch] = useState('')
  const [skip, onSkip] = useState(0)
  const [asked, setAsked] = useState<Asked>()
  /** Closes the dialog; what it was about may have changed. */
  const closeAnd = (reload: () => void) => () => {
    setAsked(undefined)
    reload()
  }
  return { list: { search, onSearch, skip, onSkip }, asked, setAsked, closeAnd }
}
