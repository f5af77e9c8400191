// A table of things with what can be done to each.
import type { ComponentChildren, Key } from 'preact'

export interface Action {
  readonly text: string
  /** What the action is done to, for those who hear the button and do not see its row. */
  readonly to: string
  readonly danger?: boolean
  readonly onClick: () => void
}

export interface Row {
  readonly key: Key
  /** The cells by column; the first names the row. */
  readonly cells: readonly ComponentChildren[]
  readonly actions?: readonly Action[]
}

export function Table({ head, rows }: { head: readonly string[]; rows: readonly Row[] }) {
  const hasActions = rows.some(({ actions = [] }) => actions.length > 0)
  // Without a button in it, a table that is wider than the window could not be scrolled from the keyboard.
  const scrolled = hasActions ? {} : { tabIndex: 0, role: 'region' as const, 'aria-label': 'Table' }
  return (
    <div class="scroll" {...scrolled}>
      <table>
        <thead>
          <tr>
            {[...head, ...(hasActions ? ['Actions'] : [])].map((title) => (
              <th key={title} scope="col">
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ key, cells: [name, ...cells], actions = [] }) => (
            <tr key={key}>
              <th scope="row">{name}</th>
              {cells.map((cell, index) => (
                <td key={index}>{cell}</td>
              ))}
              {hasActions && <td class="actions">{actions.map(ActionButton)}</td>}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

const ActionButton = ({ text, to, danger = false, onClick }: Action) => (
  <button key={text} type="button" class={danger ? 'small danger' : 'small'} onClick={onClick}>
    {text}
    <span class="hidden"> {to}</span>
  </button>
)
