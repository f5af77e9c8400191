// What only the account's owner can mend, by the API's error codes as wrangler prints them: `[code: 10000]`. For all other
// failures the same command, run again, is enough.
const ADVICE: readonly (readonly [RegExp, string])[] = [
  [
    /\[code: (?:10000|10001|9109)\]|Authentication error/,
    'the login or CLOUDFLARE_API_TOKEN lacks a permission (docs/operations.md lists them)',
  ],
  [/workers\.dev subdomain|\[code: 10063\]/, 'open Workers & Pages in the dashboard once: it registers the subdomain'],
  [/\[code: 10072\]/, 'the account has no cron trigger left: remove one, or the paid plan'],
  [
    /\[code: 7406\]|maximum number of D1 databases/,
    'the account has no D1 database left: remove one, or the paid plan',
  ],
]

/** The advice on an error, to be put behind it; empty when there is none. */
export function adviceOn(said: string): string {
  const [, advice] = ADVICE.find(([pattern]) => pattern.test(said)) ?? []
  return advice === undefined ? '' : `; ${advice}`
}
