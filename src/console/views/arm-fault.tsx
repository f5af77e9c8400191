// The form that arms a fault, empty or after a request of the journal.
import { useState } from 'preact/hooks'
import type { JournalEntry } from '../../node/library/journal-entry.ts'
import { control, under } from '../calls.ts'
import { Dialog } from '../parts/dialog.tsx'
import { Choice, Field } from '../parts/field.tsx'
import type { PageProps } from './tenant.tsx'

const KINDS = [
  ['status', 'another status'],
  ['drop', 'a dropped connection'],
  ['truncate', 'a body that is cut'],
  ['malformed', 'JSON that is none'],
  ['rateLimit', 'a rate limit'],
] as const

type ArmProps = PageProps & { like?: JournalEntry; onClose: () => void }

export function ArmFault({ tenant, like, onClose }: ArmProps) {
  const [operation, setOperation] = useState(like?.operation ?? '')
  const [method, setMethod] = useState(like && !like.operation ? like.method : '')
  const [kind, setKind] = useState<string>('status')
  const [status, setStatus] = useState('503')
  const [delay, setDelay] = useState('')
  const [times, setTimes] = useState('1')
  const submit = () =>
    control<void>('POST', under(tenant.id, 'faults'), {
      ...(operation && { operation }),
      ...(method && { method }),
      kind,
      ...(kind === 'status' && { status: Number(status) }),
      ...(delay && kind !== 'rateLimit' && { delay: Number(delay) }),
      ...(times && kind !== 'rateLimit' && { times: Number(times) }),
    })
  return (
    <Dialog title="Arm a fault" action="Arm it" onClose={onClose} onSubmit={submit}>
      <Field
        label="Operation"
        value={operation}
        onInput={setOperation}
        hint="Such as Group_UpdateGroup. Left out, all."
      />
      <Field label="Method" value={method} onInput={setMethod} hint="Left out, all." />
      <Choice label="What goes wrong" value={kind} options={KINDS} onInput={setKind} />
      {kind === 'status' && <Field label="Status" type="number" value={status} onInput={setStatus} required />}
      {kind !== 'rateLimit' && (
        <>
          <Field label="Delay in milliseconds" type="number" value={delay} onInput={setDelay} />
          <Field label="How many requests" type="number" value={times} onInput={setTimes} hint="Left out, all." />
        </>
      )}
    </Dialog>
  )
}
