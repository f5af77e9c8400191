// A tenant that was just made: what is shown once, and no later answer has.
import type { TenantDescription } from '../../node/library/wire.ts'
import { Copy } from '../parts/copy.tsx'
import { Secrets } from '../parts/secrets.tsx'
import { addressOf } from '../place.ts'

export function Made({ tenant, onClose }: { tenant: TenantDescription; onClose: () => void }) {
  const { name, url, key, clients, tokens } = tenant
  const secrets = [['Key of the tenant', key] as const, ...clients.map(({ id, secret }) => [id, secret] as const)]
  const title = (
    <>
      <a href={addressOf(name)}>{name}</a> was made
    </>
  )
  return (
    <Secrets title={title} secrets={secrets} onClose={onClose}>
      <dt>Address</dt>
      <dd>
        <code>{url}</code> <Copy text={url} of="the address" />
      </dd>
      {tokens?.admin && (
        <>
          <dt>Token</dt>
          <dd>
            <Copy text={tokens.admin} label="Copy the token" />
          </dd>
        </>
      )}
    </Secrets>
  )
}
