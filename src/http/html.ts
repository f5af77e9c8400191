// Pages for browsers: escaped by construction, without scripts, under a content security policy of their own.
import type { Context } from 'hono'
import { GUARDED } from './refusal.ts'

/** Markup that is safe as it is. */
export class Html {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

type Part = Html | string | number | false | undefined | readonly Part[]

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function render(part: Part): string {
  if (part instanceof Html) return part.text
  if (Array.isArray(part)) return part.map(render).join('')
  return part === undefined || part === false
    ? ''
    : String(part).replace(/[&<>"']/g, (character) => ESCAPES[character] ?? '')
}

/** Markup whose values are escaped, but for those that are markup. @example html`<p title="${name}">${name}</p>` */
export const html = (texts: TemplateStringsArray, ...parts: readonly Part[]): Html =>
  new Html(texts.reduce((before, text, index) => `${before}${render(parts[index - 1])}${text}`))

// System colours and fonts, so that it follows the browser's light or dark scheme and its sizes.
const STYLE = `:root{color-scheme:light dark}*{box-sizing:border-box}body{margin:0;font:1rem/1.5 system-ui,sans-serif;background:Canvas;color:CanvasText}main{max-width:24rem;margin:12vh auto 2rem;padding:0 1.25rem}h1{font-size:1.5rem;line-height:1.25}label{display:block;margin:1rem 0 .25rem;font-weight:600}input,button{width:100%;padding:.6rem .75rem;font:inherit;border:1px solid GrayText;border-radius:.375rem}button{margin-top:1.25rem;background:#0b5cab;color:#fff;border-color:#0b5cab;cursor:pointer}button.plain{margin-top:.5rem;background:transparent;color:inherit;border-color:GrayText;text-align:left}:focus-visible{outline:3px solid #4d9fec;outline-offset:2px}.error{border-left:4px solid #c62828;padding:.5rem .75rem}code{overflow-wrap:anywhere}ul{list-style:none;padding:0}`

export interface Page {
  readonly title: string
  readonly body: Html
  readonly status?: 200 | 400 | 404 | 429
  /** Where its forms may lead beside this server, such as `https://app.example`: browsers apply it to redirects as well. */
  readonly formAction?: string | undefined
}

/** A whole page. It cannot be framed, and runs no script. */
export function page(c: Context, { title, body, status = 200, formAction }: Page): Response {
  const nonce = crypto.randomUUID()
  const { text } = html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>${title}</title><style nonce="${nonce}">${new Html(STYLE)}</style></head>
<body><main>${body}</main></body></html>`
  const policy = [
    "default-src 'none'",
    `style-src 'nonce-${nonce}'`,
    ["form-action 'self'", formAction].filter(Boolean).join(' '),
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
  return c.html(text, status, { ...GUARDED, 'Content-Security-Policy': policy, 'X-Frame-Options': 'DENY' })
}
