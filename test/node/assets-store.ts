// The files that are uploaded beside Workers, as wrangler 4.156.2 sends them (wrangler-dist/cli.js, syncAssets): a list of
// paths with hashes, then the files whose hashes are not there yet, then a token that stands for the whole list in the
// upload of the Worker.
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

type Manifest = Readonly<Record<string, { hash: string; size: number }>>

/** The most files that one call uploads. */
const BUCKET = 5

export class AssetsStore {
  readonly #files = new Map<string, Buffer>()
  readonly #manifests = new Map<string, Manifest>()

  /** What is missing of the files, and the token that the next calls carry. */
  begin(manifest: Manifest) {
    const token = tokenOf({ session: this.#manifests.size })
    this.#manifests.set(token, manifest)
    const missing = [...new Set(Object.values(manifest).map(({ hash }) => hash))].filter(
      (hash) => !this.#files.has(hash),
    )
    const buckets = Array.from({ length: Math.ceil(missing.length / BUCKET) }, (_, index) =>
      missing.slice(index * BUCKET, (index + 1) * BUCKET),
    )
    return { jwt: token, buckets }
  }

  /** Keeps files, each in base64 under its hash. The token comes back with the last one that was missing. */
  async keep(token: string, form: FormData) {
    for (const [hash, value] of form) {
      const text = typeof value === 'string' ? value : await value.text()
      this.#files.set(hash, Buffer.from(text, 'base64'))
    }
    const manifest = this.#manifests.get(token) ?? {}
    return Object.values(manifest).every(({ hash }) => this.#files.has(hash)) ? { jwt: token } : {}
  }

  /** Writes the files of a list into a folder. @throws Error for a token of none, or while files are missing */
  write(token: string, folder: string): void {
    const manifest = this.#manifests.get(token)
    if (!manifest) throw new Error('no such list of assets')
    for (const [path, { hash }] of Object.entries(manifest)) {
      const content = this.#files.get(hash)
      if (!content) throw new Error(`${path} was not uploaded`)
      mkdirSync(dirname(join(folder, path)), { recursive: true })
      writeFileSync(join(folder, path), content)
    }
  }
}

/** wrangler reads how files are to be sent off the token's claims. */
const tokenOf = (claims: object) =>
  ['{}', JSON.stringify(claims), 'signature'].map((part) => Buffer.from(part).toString('base64url')).join('.')
