// Deployments into an account of the stand-in, made by the command that a user runs, with the real wrangler.
import { rmSync } from 'node:fs'
import { expect } from 'vitest'
import { CloudflareApi, type Failure } from './cloudflare-api.ts'
import { cleanUp, runCommand } from './command.ts'

export interface DeployRun {
  code: number | null
  output: string
  lastLine: string | undefined
}

export class Deployments {
  readonly api: CloudflareApi
  /** The deployment's name, of `--env`. */
  readonly name: string
  readonly worker: string
  /** The secrets that runs have shown, by name; of those shown twice the later. */
  readonly shown = new Map<string, string>()

  private constructor(api: CloudflareApi, name: string) {
    this.api = api
    this.name = name
    this.worker = `identity-edge-${name}`
  }

  /** An empty account, and nothing on this machine of an earlier deployment of that name. */
  static async start(name: string): Promise<Deployments> {
    const deployments = new Deployments(await CloudflareApi.start(), name)
    deployments.forget()
    return deployments
  }

  async stop(): Promise<void> {
    await cleanUp()
    await this.api.stop()
    this.forget()
  }

  /** As after `git clone`. */
  forget(): void {
    rmSync(`wrangler.deploy.${this.name}.json`, { force: true })
    rmSync(`dist/deploy/${this.worker}`, { recursive: true, force: true })
  }

  /** `npm run deploy -- --env NAME` with further arguments. */
  async deploy(args: readonly string[] = [], env: Record<string, string> = {}): Promise<DeployRun> {
    const words = ['src/node/deploy/deploy.ts', '--env', this.name, ...args]
    const command = runCommand({ ...this.api.env, ...env }, process.execPath, ...words)
    const { code } = await command.exit
    const output = command.output()
    for (const [, name = '', value = ''] of output.matchAll(/^ {2}([A-Z_]+)=([\w-]{43})$/gm)) {
      this.shown.set(name, value)
    }
    return { code, output, lastLine: output.trim().split('\n').at(-1) }
  }

  /** One run in which the calls that begin with `call`, and have `part` in their bodies, fail. */
  async failingAt(call: string, failure: Failure, part = /^/): Promise<DeployRun> {
    let failures = 0
    this.api.failing = (called, body) => {
      if (!called.startsWith(call) || !part.test(body)) return undefined
      failures++
      return failure
    }
    const run = await this.deploy()
    this.api.failing = () => undefined
    expect(failures, run.output).toBeGreaterThan(0)
    return run
  }

  /** Whatever is in service was shown, and whatever was shown is in service. */
  expectNothingLost(): void {
    const secrets = this.api.workers.get(this.worker)?.secrets
    expect([...(secrets?.keys() ?? [])].sort()).toEqual(['CONTROL_TOKEN', 'ENCRYPTION_KEY', 'SIGNING_KEY'])
    for (const name of ['CONTROL_TOKEN', 'ENCRYPTION_KEY']) expect(this.shown.get(name)).toBe(secrets?.get(name))
    expect([...this.api.d1.databases.keys()]).toEqual([this.worker])
    expect(this.api.d1.databases.get(this.worker)?.read_replication).toEqual({ mode: 'auto' })
  }

  /** A run that succeeds, with the secrets that runs before it have shown. */
  async expectCompletion(args: readonly string[] = []): Promise<void> {
    const client = [...this.shown].filter(([name]) => name === 'ADMIN_CLIENT_SECRET')
    const last = await this.deploy(args, Object.fromEntries(client))
    expect(last).toMatchObject({ code: 0, output: expect.stringContaining('token: ok, and settings answer to it') })
    this.expectNothingLost()
  }
}
