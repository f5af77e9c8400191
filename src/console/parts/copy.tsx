import { useState } from 'preact/hooks'

interface CopyProps {
  text: string
  label?: string
  /** What the text is, for those who hear the button and do not see its row. */
  of?: string
}

/** A button that puts a text on the clipboard. */
export function Copy({ text, label = 'Copy', of }: CopyProps) {
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
      {of && <span class="hidden"> {of}</span>}
    </button>
  )
}
