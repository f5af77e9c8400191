// What was done from this page, each as the curl call that does the same.
import { useEffect, useState } from 'preact/hooks'
import { type Act, actsSoFar, onAct } from '../calls.ts'
import { Copy } from './copy.tsx'

export function ActList() {
  const [acts, setActs] = useState<readonly Act[]>(actsSoFar)
  useEffect(() => onAct(() => setActs(actsSoFar())), [])
  if (acts.length === 0) return null
  return (
    <details class="acts">
      <summary>
        {acts.length === 1 ? '1 call' : `${acts.length} calls`} made from here <Latest act={acts[0]} />
      </summary>
      <ol>
        {acts.map((act) => (
          <li key={act.number}>
            <div class="row">
              <Latest act={act} />
              <Copy text={act.curl} label="Copy as curl" />
            </div>
            <pre>{act.curl}</pre>
          </li>
        ))}
      </ol>
    </details>
  )
}

const Latest = ({ act }: { act: Act | undefined }) =>
  act ? (
    <span class="act">
      <time>{act.at.toLocaleTimeString()}</time> {act.method} {act.path}{' '}
      <b class={act.status < 400 ? 'good' : 'bad'}>{act.status}</b>
    </span>
  ) : null
