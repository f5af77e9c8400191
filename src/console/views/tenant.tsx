// One tenant, by pages.
import type { FunctionComponent } from 'preact'
import type { TenantSummary } from '../../node/library/wire.ts'
import { control, under } from '../calls.ts'
import { Problem } from '../parts/notice.tsx'
import { useLoad } from '../parts/use-load.ts'
import { addressOf } from '../place.ts'
import { Clients } from './clients.tsx'
import { Clock } from './clock.tsx'
import { Faults } from './faults.tsx'
import { Groups } from './groups.tsx'
import { Journal } from './journal.tsx'
import { Overview } from './overview.tsx'
import { Robots } from './robots.tsx'
import { Settings } from './settings.tsx'
import { SignIn } from './sign-in.tsx'
import { Snapshots } from './snapshots.tsx'
import { Users } from './users.tsx'

export interface PageProps {
  tenant: TenantSummary
}

const PAGES: Readonly<Record<string, readonly [title: string, page: FunctionComponent<PageProps>]>> = {
  overview: ['Overview', Overview],
  journal: ['Journal', Journal],
  settings: ['Settings', Settings],
  users: ['Users', Users],
  groups: ['Groups', Groups],
  robots: ['Robot accounts', Robots],
  clients: ['Clients', Clients],
  signin: ['Sign in', SignIn],
  faults: ['Faults', Faults],
  clock: ['Clock', Clock],
  snapshots: ['Snapshots', Snapshots],
}

export function Tenant({ name, page }: { name: string; page: string }) {
  const { value: tenant, error } = useLoad(() => control<TenantSummary>('GET', under(name)), [name])
  const [, Page = Overview] = PAGES[page] ?? []
  return (
    <>
      <h1>{name}</h1>
      <nav class="tabs" aria-label={name}>
        {Object.entries(PAGES).map(([key, [title]]) => (
          <a key={key} href={addressOf(name, key)} aria-current={key === page ? 'page' : undefined}>
            {title}
          </a>
        ))}
      </nav>
      <Problem error={error} />
      {tenant && <Page key={page} tenant={tenant} />}
    </>
  )
}
