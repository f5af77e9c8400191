// A tenant that was just made: what is shown once, and no later answer has.
import type { TenantDescription } from '../../node/library/wire.ts'
import { Copy } from '../parts/copy.tsx'
import { addressOf } from '../place.ts'

export const Made = ({ tenant, onClose }: { tenant: TenantDescription; onClose: () => void }) => (
  <section class="card" aria-label={`${tenant.name} was made`}>
    <div class="row">
      <h2>
        <a href={addressOf(tenant.name)}>{tenant.name}</a> was made
      </h2>
      <button type="button" class="small" onClick={onClose}>
        Dismiss
      </button>
    </div>
    <p class="hint">Secrets are shown this once: only their hashes are stored.</p>
    <dl>
      <dt>Address</dt>
      <dd>
        <code>{tenant.url}</code> <Copy text={tenant.url} />
      </dd>
      {tenant.clients.map(({ id, secret }) => (
        <>
          <dt>{id}</dt>
          <dd>
            <code>{secret}</code> <Copy text={secret} />
          </dd>
        </>
      ))}
      {tenant.tokens?.admin && (
        <>
          <dt>Token</dt>
          <dd>
            <Copy text={tenant.tokens.admin} label="Copy the token" />
          </dd>
        </>
      )}
    </dl>
  </section>
)
