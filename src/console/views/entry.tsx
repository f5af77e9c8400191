// A request of the journal with its answer: replayed, made a fault of, copied.
import { useEffect, useRef, useState } from 'preact/hooks'
import type { JournalEntry } from '../../node/library/journal-entry.ts'
import { curlOf, Refused, reasonIn, sendAs } from '../calls.ts'
import { Copy } from '../parts/copy.tsx'
import { ArmFault } from './arm-fault.tsx'
import type { PageProps } from './tenant.tsx'

/** Why a request was refused that was answered without a body. */
const BODILESS: Readonly<Record<number, string>> = {
  401: 'It had no token that counts here.',
  403: 'Its token is not enough: by its scopes, its partition, or the role of its user.',
}

export function Entry({ entry, tenant, onClose }: PageProps & { entry: JournalEntry; onClose: () => void }) {
  const heading = useRef<HTMLHeadingElement>(null)
  const [arming, setArming] = useState(false)
  const [replayed, setReplayed] = useState<string>()
  useEffect(() => heading.current?.focus(), [])
  const call = { method: entry.method, path: entry.path, ...(entry.request == null ? {} : { json: entry.request }) }
  const reason = entry.status < 400 ? undefined : (reasonIn(entry.response) ?? BODILESS[entry.status])
  const replay = async () => {
    const status = await sendAs(tenant.name, call).then(
      (response) => `${response.status}`,
      (error: unknown) => (error instanceof Refused ? `${error.status}: ${error.message}` : String(error)),
    )
    setReplayed(status)
  }
  return (
    <section class="card entry" aria-label={`Request ${entry.number}`}>
      <h2 ref={heading} tabIndex={-1}>
        {entry.method} {entry.path}
      </h2>
      <div class="row">
        <button type="button" onClick={replay}>
          Replay
        </button>
        <button type="button" onClick={() => setArming(true)}>
          Make a fault of it
        </button>
        <Copy text={curlOf(call, 'TOKEN')} label="Copy as curl" />
        <button type="button" onClick={onClose}>
          Close
        </button>
      </div>
      {replayed && <p role="status">Replayed: {replayed}</p>}
      <dl>
        <dt>Answer</dt>
        <dd>
          <b class={entry.status < 400 ? 'good' : 'bad'}>{entry.status}</b> after {entry.durationMs} ms
        </dd>
        {reason && (
          <>
            <dt>Why</dt>
            <dd>{reason}</dd>
          </>
        )}
        <dt>Operation</dt>
        <dd>{entry.operation ?? entry.near ?? 'none: the path is not served'}</dd>
        <dt>Client</dt>
        <dd>{entry.principal.clientId ?? 'none'}</dd>
        <dt>User</dt>
        <dd>{entry.principal.userId ?? 'none'}</dd>
      </dl>
      <Body title="Request" body={entry.request} />
      <Body title="Answer" body={entry.response} />
      {arming && <ArmFault tenant={tenant} like={entry} onClose={() => setArming(false)} />}
    </section>
  )
}

const Body = ({ title, body }: { title: string; body: unknown }) =>
  body == null ? null : (
    <>
      <h3>{title}</h3>
      <pre>{typeof body === 'string' ? body : JSON.stringify(body, undefined, 2)}</pre>
    </>
  )
