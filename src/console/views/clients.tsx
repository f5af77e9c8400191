// OAuth clients of a tenant.
import { useState } from 'preact/hooks'
import { control, under } from '../calls.ts'
import { type Client, readClients, type Shown } from '../clients.ts'
import { Dialog } from '../parts/dialog.tsx'
import { Listing, useListing } from '../parts/listing.tsx'
import { PAGE_SIZE } from '../parts/pager.tsx'
import { Secrets } from '../parts/secrets.tsx'
import { type Action, Table } from '../parts/table.tsx'
import { useLoad } from '../parts/use-load.ts'
import type { PageProps } from './tenant.tsx'
import { WriteClient } from './write-client.tsx'

type Asked = { is: 'write'; client: Client | undefined } | { is: 'rotate' | 'remove'; client: Client }

export function Clients({ tenant }: PageProps) {
  const { list, asked, setAsked, closeAnd } = useListing<Asked>()
  const { search, skip } = list
  const { value, error, reload } = useLoad(() => readClients(tenant.id), [tenant.id])
  const [shown, setShown] = useState<Shown>()
  const found = value?.filter(({ id, name }) => `${id} ${name}`.toLowerCase().includes(search.toLowerCase())) ?? []
  const close = closeAnd(reload)
  return (
    <>
      <Listing
        {...list}
        error={error}
        make="New client"
        onMake={() => setAsked({ is: 'write', client: undefined })}
        total={value && found.length}
      >
        <ClientTable clients={found.slice(skip, skip + PAGE_SIZE)} onAsk={setAsked} />
      </Listing>
      {shown && (
        <Secrets
          title={`Secret of ${shown.id}`}
          secrets={[[shown.id, shown.secret]]}
          onClose={() => setShown(undefined)}
        />
      )}
      {asked?.is === 'write' && <WriteClient tenant={tenant} client={asked.client} onClose={close} onAdd={setShown} />}
      {asked && asked.is !== 'write' && <Ask {...{ tenant, asked }} onClose={close} onShow={setShown} />}
    </>
  )
}

const ClientTable = ({ clients, onAsk }: { clients: readonly Client[]; onAsk: (asked: Asked) => void }) => (
  <Table
    head={['Id', 'Name', 'Kind', 'Grant types', 'Redirect addresses', 'Scopes']}
    rows={clients.map((client) => ({
      key: client.id,
      cells: [
        <code key="id">{client.id}</code>,
        client.name,
        kindOf(client),
        client.grantTypes.map((type) => type.replace(/^urn:.*:/, '')).join(', '),
        <span key="to" class="value">
          {client.redirectUris.join(' ')}
        </span>,
        client.scopes.length > 3 ? `${client.scopes.length} scopes` : client.scopes.join(' '),
      ],
      actions: actionsOn(client, onAsk),
    }))}
  />
)

function kindOf({ public: isPublic, hostAdmin }: Client): string {
  if (hostAdmin) return 'host'
  return isPublic ? 'public' : 'confidential'
}

function actionsOn(client: Client, onAsk: (asked: Asked) => void): Action[] {
  const { id: to } = client
  const rotate = { text: 'New secret', to: `of ${to}`, onClick: () => onAsk({ is: 'rotate', client }) }
  return [
    { text: 'Change', to, onClick: () => onAsk({ is: 'write', client }) },
    ...(client.public ? [] : [rotate]),
    { text: 'Remove', to, danger: true, onClick: () => onAsk({ is: 'remove', client }) },
  ]
}

type AskProps = PageProps & {
  asked: { is: 'rotate' | 'remove'; client: Client }
  onClose: () => void
  onShow: (shown: Shown) => void
}

function Ask({ tenant, asked: { is, client }, onClose, onShow }: AskProps) {
  const path = under(tenant.id, 'clients', client.id)
  return is === 'rotate' ? (
    <Dialog
      title={`A new secret for ${client.id}?`}
      action="Make it"
      danger
      onClose={onClose}
      onSubmit={async () => onShow(await control<Shown>('POST', `${path}/secret`))}
    >
      <p>The present one opens nothing any more.</p>
    </Dialog>
  ) : (
    <Dialog
      title={`Remove ${client.id}?`}
      action="Remove"
      danger
      onClose={onClose}
      onSubmit={() => control('DELETE', path)}
    />
  )
}
