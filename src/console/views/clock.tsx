// The tenant's clock.
import { useState } from 'preact/hooks'
import type { ClockReading } from '../../node/library/wire.ts'
import { control, under } from '../calls.ts'
import { Check, Field } from '../parts/field.tsx'
import { Problem } from '../parts/notice.tsx'
import { useLoad } from '../parts/use-load.ts'
import type { PageProps } from './tenant.tsx'

export function Clock({ tenant }: PageProps) {
  const path = under(tenant.id, 'clock')
  const { value, error, reload } = useLoad(() => control<ClockReading>('GET', path), [path])
  const [now, setNow] = useState('')
  const [frozen, setFrozen] = useState(true)
  const [minutes, setMinutes] = useState('60')
  const [problem, setProblem] = useState<unknown>()
  const act = async (call: () => Promise<unknown>) => {
    try {
      await call()
      setProblem(undefined)
    } catch (reason) {
      setProblem(reason)
    }
    await reload()
  }
  const set = (event: Event) => {
    event.preventDefault()
    act(() => control('PUT', path, { now, frozen }))
  }
  const advance = (event: Event) => {
    event.preventDefault()
    act(() => control('POST', `${path}/advance`, { milliseconds: Number(minutes) * 60_000 }))
  }
  return (
    <>
      <Problem error={error ?? problem} />
      {value && (
        <p>
          It is <strong>{value.now}</strong> for this tenant: {describe(value)}.
        </p>
      )}
      <form class="card" onSubmit={set}>
        <h2>Set it</h2>
        <Field label="Instant" value={now} onInput={setNow} required hint="ISO 8601, such as 2021-10-19T16:46:20Z" />
        <Check label="It stands still" checked={frozen} onInput={setFrozen} />
        <button type="submit" class="primary">
          Set
        </button>
      </form>
      <form class="card" onSubmit={advance}>
        <h2>Put it forward</h2>
        <Field label="Minutes" type="number" value={minutes} onInput={setMinutes} required />
        <div class="row">
          <button type="submit">Put forward</button>
          <button type="button" onClick={() => act(() => control('DELETE', path))}>
            The real time again
          </button>
        </div>
      </form>
    </>
  )
}

function describe({ real, frozen }: ClockReading): string {
  if (real) return 'the real time'
  return frozen ? 'a clock that stands still' : 'a clock that was set'
}
