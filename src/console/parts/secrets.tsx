// Secrets that were just made. They are shown once, since the server keeps only their hashes.
import type { ComponentChildren } from 'preact'
import { Fragment } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { Copy } from './copy.tsx'

interface SecretsProps {
  title: ComponentChildren
  /** What each is called, and what it is. */
  secrets: readonly (readonly [name: string, secret: string])[]
  onClose: () => void
  children?: ComponentChildren
}

export function Secrets({ title, secrets, onClose, children }: SecretsProps) {
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => heading.current?.focus(), [])
  return (
    <section class="card" aria-label="Shown once">
      <div class="row">
        <h2 ref={heading} tabIndex={-1}>
          {title}
        </h2>
        <button type="button" class="small" onClick={onClose}>
          Dismiss
        </button>
      </div>
      <p class="hint">Secrets are shown this once: only their hashes are stored.</p>
      <dl>
        {children}
        {secrets.map(([name, secret]) => (
          <Fragment key={name}>
            <dt>{name}</dt>
            <dd>
              <code>{secret}</code> <Copy text={secret} label="Copy" of={name} />
            </dd>
          </Fragment>
        ))}
      </dl>
    </section>
  )
}
