// The vendor's own public clients, so that its command lines and SDKs work unchanged. They belong to the host partition: users
// of any organization sign in with them.
import { REGISTRABLE_SCOPES } from '../auth/scopes.ts'
import { plantClientUnlessThere } from '../connect/client.seed.ts'
import { HOST_PARTITION } from '../partitions/partition.table.ts'

/** At the server's own origin, where the portal is. Real server: its SDK asks with it for the id of an organization (observed). */
const PORTAL_CALLBACK = '/portal_/api/tokenFactory/callback'

const CLIENTS = [
  {
    // Real server: the id and the addresses of `uipath auth` (observed).
    id: '36dea5b8-e8bb-423d-8e7b-c808df8f1c00',
    name: 'UiPath command line',
    redirectUris: [8104, 8055, 42042].map((port) => `http://localhost:${port}/oidc/login`),
  },
  // Real server: the ids of its portal (observed).
  { id: '1119a927-10ab-4543-bd1a-ad6bfbbc27f4', name: 'UiPath portal', redirectUris: [PORTAL_CALLBACK] },
  { id: '73ba6224-d591-4a4f-b3ab-508e646f2932', name: 'UiPath portal', redirectUris: [PORTAL_CALLBACK] },
]

/** The statements that plant them. @param mayPrefer whether their tokens may ask for faults */
export const plantVendorClients = (mayPrefer: boolean) =>
  Promise.all(
    CLIENTS.map((client) =>
      plantClientUnlessThere({
        ...client,
        secret: '',
        partition: HOST_PARTITION,
        scopes: REGISTRABLE_SCOPES,
        hostAdmin: false,
        mayPrefer,
        grantTypes: ['authorization_code'],
      }),
    ),
  )
