// The form that adds or changes an OAuth client. Of a change only what is different is sent.
import { useState } from 'preact/hooks'
import { control, under } from '../calls.ts'
import { type Client, readClients, type Shown } from '../clients.ts'
import { Dialog } from '../parts/dialog.tsx'
import { Check, Field } from '../parts/field.tsx'
import { requireSame } from '../parts/require-same.ts'
import type { PageProps } from './tenant.tsx'

const GRANT_TYPES = [
  ['authorization_code', 'Users sign in (authorization_code)'],
  ['client_credentials', 'It acts for itself (client_credentials)'],
  ['password', 'It is given passwords of users (password)'],
  ['urn:ietf:params:oauth:grant-type:device_code', 'Users sign in on another device (device_code)'],
] as const

const EMPTY = { public: false, name: null, scopes: [], redirectUris: [], grantTypes: ['client_credentials'] }

type WriteProps = PageProps & { client: Client | undefined; onClose: () => void; onAdd: (shown: Shown) => void }

const words = (text: string) => text.split(/[\s,]+/).filter(Boolean)

export function WriteClient({ tenant, client, onClose, onAdd }: WriteProps) {
  const begun = client ?? { ...EMPTY, requirePkce: true }
  const [id, setId] = useState(client?.id ?? '')
  const [isPublic, setIsPublic] = useState(begun.public)
  const [name, setName] = useState(begun.name ?? '')
  const [scopes, setScopes] = useState(begun.scopes.join(' '))
  const [uris, setUris] = useState(begun.redirectUris.join('\n'))
  const [types, setTypes] = useState<readonly string[]>(begun.grantTypes)
  const [requirePkce, setRequirePkce] = useState(begun.requirePkce)
  const choose = (type: string, isChosen: boolean) =>
    setTypes((before) => (isChosen ? [...before, type] : before.filter((one) => one !== type)))
  const choosePublic = (chosen: boolean) => {
    setIsPublic(chosen)
    if (chosen) setTypes(['authorization_code'])
  }
  const submit = async () => {
    const wanted = {
      name: name || null,
      scopes: words(scopes),
      redirectUris: words(uris),
      grantTypes: types,
      requirePkce,
    }
    if (client) await change(tenant.id, client, wanted)
    else onAdd(await add(tenant.id, { id, public: isPublic }, wanted))
  }
  const offered = GRANT_TYPES.filter(([type]) => !(isPublic && type === 'client_credentials'))
  return (
    <Dialog title={client ? `Change ${client.id}` : 'New client'} action="Save" onClose={onClose} onSubmit={submit}>
      <Field label="Id" value={id} onInput={setId} disabled={client !== undefined} hint="Made up if it is left out." />
      {!client && <Check label="Public: it has no secret" checked={isPublic} onInput={choosePublic} />}
      <Field label="Name" value={name} onInput={setName} hint="As the sign-in page shows it; else its id." />
      <fieldset>
        <legend>Grant types</legend>
        {offered.map(([type, label]) => (
          <Check key={type} label={label} checked={types.includes(type)} onInput={(chosen) => choose(type, chosen)} />
        ))}
      </fieldset>
      <Field label="Redirect addresses" value={uris} onInput={setUris} rows={2} hint="One a line." />
      <Field
        label="Scopes"
        value={scopes}
        onInput={setScopes}
        rows={3}
        hint={client ? 'Separated by spaces.' : 'Separated by spaces. Left out, all that there are.'}
      />
      {!isPublic && <Check label="Authorization needs PKCE" checked={requirePkce} onInput={setRequirePkce} />}
    </Dialog>
  )
}

type Wanted = Pick<Client, 'name' | 'scopes' | 'redirectUris' | 'grantTypes' | 'requirePkce'>

function add(tenant: string, { id, public: isPublic }: Pick<Client, 'id' | 'public'>, wanted: Wanted) {
  const { name, scopes, requirePkce, ...rest } = wanted
  return control<Shown>('POST', under(tenant, 'clients'), {
    ...(id && { id }),
    ...(name !== null && { name }),
    ...(scopes.length > 0 && { scopes }),
    ...(isPublic ? { public: true } : { requirePkce }),
    ...rest,
  })
}

/** @throws if somebody else has changed the same meanwhile */
async function change(tenant: string, client: Client, wanted: Wanted): Promise<void> {
  const differs = ([name, value]: [string, unknown]) =>
    JSON.stringify(value) !== JSON.stringify(Reflect.get(client, name))
  const changes = Object.fromEntries(Object.entries(wanted).filter(differs))
  const now = (await readClients(tenant)).find(({ id }) => id === client.id)
  requireSame(client.id, client, now)
  await control('PATCH', under(tenant, 'clients', client.id), changes)
}
