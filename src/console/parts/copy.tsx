import { useState } from 'preact/hooks'

/** A button that puts a text on the clipboard. */
export function Copy({ text, label = 'Copy' }: { text: string; label?: string }) {
  const [said, setSaid] = useState('')
  const copy = async () => {
    await navigator.clipboard.writeText(text).then(
      () => setSaid('Copied'),
      () => setSaid('Not allowed'),
    )
    setTimeout(() => setSaid(''), 1500)
  }
  return (
    <button type="button" class="small" onClick={copy}>
      <span role="status">{said || label}</span>
    </button>
  )
}
