// Serves the tenant on PORT as a deployment runs it.
import { openDeployed } from './miniflare.ts'
import { serve } from './serve.ts'

await serve((port, stateDir) => openDeployed(port, stateDir))
