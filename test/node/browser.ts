// A browser without a screen: keeps cookies, follows redirects, and fills in the forms that it is shown.

interface Person {
  user: string
  password: string
  /** What is typed where a page asks for an organization. */
  organization?: string
}

/** A form as it would be sent. */
interface Filled {
  url: string
  body?: URLSearchParams
}

const MAX_STEPS = 12

export class Browser {
  readonly #cookies = new Map<string, string>()
  readonly #person: Person
  /** The titles of the pages that were shown. */
  readonly pages: string[] = []

  constructor(person: Person) {
    this.#person = person
  }

  /** Goes to `url` and on, filling in what is asked; returns the first address that begins with `end`. */
  async visit(url: string, end: string): Promise<URL> {
    let next: { url: string; body?: URLSearchParams } = { url }
    for (let step = 0; step < MAX_STEPS; step++) {
      const response = await this.#send(next)
      const location = response.headers.get('Location')
      if (location === null) {
        next = this.#fill(await response.text(), next.url)
        continue
      }
      const to = new URL(location, next.url)
      if (to.href.startsWith(end)) return to
      next = { url: to.href }
    }
    throw new Error(`${url} led to no end: ${this.pages.join(', ')}`)
  }

  /** Goes to `url`, presses the button of that value on each page, and returns the text of the last page. */
  async press(url: string, buttons: readonly string[]): Promise<string> {
    const page = async (next: { url: string; body?: URLSearchParams }): Promise<[string, string]> => {
      const response = await this.#send(next)
      const location = response.headers.get('Location')
      if (location !== null) return page({ url: new URL(location, next.url).href })
      return [await response.text(), next.url]
    }
    let [text, at] = await page({ url })
    for (const button of buttons) [text, at] = await page(this.#fill(text, at, button))
    this.pages.push(titleOf(text))
    return text
  }

  async #send({ url, body }: { url: string; body?: URLSearchParams }): Promise<Response> {
    const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const response = await fetch(url, {
      redirect: 'manual',
      headers: { cookie },
      ...(body && { method: 'POST', body }),
    })
    for (const set of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(set) ?? []
      if (value === '') this.#cookies.delete(name)
      else this.#cookies.set(name, value)
    }
    return response
  }

  #fill(text: string, base: string, pressed?: string): Filled {
    this.pages.push(titleOf(text))
    const [form = ''] = /<form[\s\S]*?<\/form>/.exec(text) ?? []
    const fields = new URLSearchParams()
    for (const [input] of form.matchAll(/<input[^>]*>/g)) {
      const name = attribute(input, 'name')
      if (name) fields.set(name, this.#valueFor(name, attribute(input, 'type'), attribute(input, 'value')))
    }
    for (const [button] of form.matchAll(/<button[^>]*>/g)) {
      if (pressed !== undefined && attribute(button, 'value') === pressed)
        fields.set(attribute(button, 'name'), pressed)
    }
    const url = new URL(attribute(form, 'action'), base)
    if (attribute(form, 'method') === 'post') return { url: url.href, body: fields }
    url.search = fields.toString()
    return { url: url.href }
  }

  #valueFor(name: string, type: string, value: string): string {
    const { user, password, organization = '' } = this.#person
    if (type === 'password') return password
    if (name === 'username') return user
    return name === 'organization' && value === '' ? organization : value
  }
}

const titleOf = (text: string) => /<title>([^<]*)/.exec(text)?.[1] ?? text.slice(0, 100)

const ENTITIES: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&quot;': '"',
  '&#39;': "'",
  '&lt;': '<',
  '&gt;': '>',
}

const attribute = (tag: string, name: string) =>
  (new RegExp(`\\s${name}="([^"]*)"`).exec(tag)?.[1] ?? '').replace(/&\S+?;/g, (entity) => ENTITIES[entity] ?? entity)
