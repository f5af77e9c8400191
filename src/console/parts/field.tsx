// Labelled inputs.
import { useId } from 'preact/hooks'

interface FieldProps {
  label: string
  value: string
  onInput: (value: string) => void
  hint?: string
  type?: string
  required?: boolean
  rows?: number
  disabled?: boolean
  /** The id of a list of suggestions. */
  list?: string
}

export function Field({
  label,
  value,
  onInput,
  hint,
  type = 'text',
  required = false,
  rows,
  disabled = false,
  list,
}: FieldProps) {
  const id = useId()
  const common = {
    id,
    value,
    required,
    disabled,
    autocomplete: 'off',
    spellcheck: false,
    'aria-describedby': hint ? `${id}-hint` : undefined,
    onInput: ({ currentTarget }: { currentTarget: { value: string } }) => onInput(currentTarget.value),
  }
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {rows ? <textarea {...common} rows={rows} /> : <input {...common} type={type} list={list} />}
      {hint && (
        <small id={`${id}-hint`} class="hint">
          {hint}
        </small>
      )}
    </div>
  )
}

interface ChoiceProps {
  label: string
  value: string
  options: readonly (readonly [value: string, text: string])[]
  onInput: (value: string) => void
}

export function Choice({ label, value, options, onInput }: ChoiceProps) {
  const id = useId()
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <select id={id} value={value} onChange={({ currentTarget }) => onInput(currentTarget.value)}>
        {options.map(([one, text]) => (
          <option key={one} value={one}>
            {text}
          </option>
        ))}
      </select>
    </div>
  )
}

export function Check({
  label,
  checked,
  onInput,
}: {
  label: string
  checked: boolean
  onInput: (value: boolean) => void
}) {
  const id = useId()
  return (
    <div class="check">
      <input
        id={id}
        type="checkbox"
        checked={checked}
        onChange={({ currentTarget }) => onInput(currentTarget.checked)}
      />
      <label for={id}>{label}</label>
    </div>
  )
}
