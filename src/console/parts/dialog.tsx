// A modal dialog on the browser's own element, which keeps the focus in it and gives it back, and closes on Escape.
import type { ComponentChildren } from 'preact'
import { useEffect, useId, useRef, useState } from 'preact/hooks'
import { Problem } from './notice.tsx'

interface DialogProps {
  title: string
  /** What the button says that does it. */
  action: string
  /** Does it. The dialog stays open with the reason if it throws. */
  onSubmit: () => Promise<void>
  onClose: () => void
  danger?: boolean
  wide?: boolean
  children?: ComponentChildren
}

export function Dialog({ title, action, onSubmit, onClose, danger = false, wide = false, children }: DialogProps) {
  const element = useRef<HTMLDialogElement>(null)
  const heading = useId()
  const [error, setError] = useState<unknown>()
  const [busy, setBusy] = useState(false)
  useEffect(() => element.current?.showModal(), [])
  const submit = async (event: Event) => {
    event.preventDefault()
    setBusy(true)
    setError(undefined)
    try {
      await onSubmit()
      element.current?.close()
    } catch (reason) {
      setError(reason)
    } finally {
      setBusy(false)
    }
  }
  return (
    <dialog ref={element} class={wide ? 'wide' : ''} aria-labelledby={heading} onClose={onClose}>
      <form onSubmit={submit}>
        <h2 id={heading}>{title}</h2>
        {children}
        <Problem error={error} />
        <menu>
          <button type="button" onClick={() => element.current?.close()}>
            Cancel
          </button>
          <button type="submit" class={danger ? 'danger' : 'primary'} disabled={busy}>
            {action}
          </button>
        </menu>
      </form>
    </dialog>
  )
}
