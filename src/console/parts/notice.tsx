import type { ComponentChildren } from 'preact'

/** What went wrong, read out by screen readers when it appears. */
export const Problem = ({ error }: { error: unknown }) =>
  error === undefined ? null : (
    <p class="problem" role="alert">
      {error instanceof Error ? error.message : String(error)}
    </p>
  )

export const Hint = ({ children }: { children: ComponentChildren }) => <p class="hint">{children}</p>
