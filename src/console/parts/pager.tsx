// Steps through a long list.
export const PAGE_SIZE = 100

interface PagerProps {
  /** The number of the first row that is shown, from 0. */
  skip: number
  total: number
  onSkip: (skip: number) => void
}

export function Pager({ skip, total, onSkip }: PagerProps) {
  if (total <= PAGE_SIZE) return null
  const last = Math.min(skip + PAGE_SIZE, total)
  return (
    <nav class="pager" aria-label="Pages">
      <button type="button" disabled={skip === 0} onClick={() => onSkip(Math.max(0, skip - PAGE_SIZE))}>
        Previous
      </button>
      <span role="status">
        {skip + 1} to {last} of {total}
      </span>
      <button type="button" disabled={last >= total} onClick={() => onSkip(skip + PAGE_SIZE)}>
        Next
      </button>
    </nav>
  )
}
