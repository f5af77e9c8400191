// A token, decoded: what it says of whom, and until when.
import { Copy } from './copy.tsx'
import { localTime, timeLeft } from './time.ts'

/** Claims that are times, in seconds since the epoch. */
const TIMES = new Set(['exp', 'iat', 'nbf', 'auth_time'])

type Claims = Readonly<Record<string, unknown>>

/** One of the parts of a token, as JSON; undefined for what is none. */
function decode(part: string | undefined): Claims | undefined {
  try {
    const bytes = Uint8Array.from(atob((part ?? '').replaceAll('-', '+').replaceAll('_', '/')), (one) =>
      one.charCodeAt(0),
    )
    return JSON.parse(new TextDecoder().decode(bytes))
  } catch {
    return undefined
  }
}

const instant = (seconds: unknown) => (typeof seconds === 'number' ? new Date(seconds * 1000).toISOString() : null)

export function Token({ title, token }: { title: string; token: string }) {
  const [head, body] = token.split('.')
  const claims = decode(body)
  const exp = instant(claims?.['exp'])
  return (
    <section class="card" aria-label={title}>
      <div class="row">
        <h2>
          {title} {exp && <small class="hint">time left: {timeLeft(exp)}</small>}
        </h2>
        <Copy text={token} label="Copy it" of={title} />
      </div>
      {claims ? <ClaimTable claims={claims} /> : <pre class="wrap">{token}</pre>}
      {claims && (
        <details>
          <summary>Header and text</summary>
          <pre>{JSON.stringify(decode(head), undefined, 2)}</pre>
          <pre class="wrap">{token}</pre>
        </details>
      )}
    </section>
  )
}

const ClaimTable = ({ claims }: { claims: Claims }) => (
  <dl class="claims">
    {Object.entries(claims).flatMap(([name, value]) => [
      <dt key={`${name} name`}>
        <code>{name}</code>
      </dt>,
      <dd key={name}>
        <code>{textOf(value)}</code> {TIMES.has(name) && <span class="hint">{localTime(instant(value))}</span>}
      </dd>,
    ])}
  </dl>
)

function textOf(value: unknown): string {
  if (Array.isArray(value)) return value.join(' ')
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '')
}
