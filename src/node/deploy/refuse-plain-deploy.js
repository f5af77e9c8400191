// The `[build]` command of wrangler.toml. `npx wrangler deploy` and `npx wrangler versions upload` would ship a Worker bound to
// the database id of zeros, which no account has; this ends them before they upload. The configuration that `npm run deploy`
// writes has no such command. Other commands of wrangler, and dry runs, pass.
import { execFileSync } from 'node:child_process'

const command = process.env['WRANGLER_COMMAND'] ?? ''

/** The command lines of the processes above this one: wrangler does not hand its options on. */
function* callers() {
  let pid = process.ppid
  for (let above = 0; above < 6 && pid > 1; above++) {
    const [, parent, line = ''] = /^\s*(\d+)\s+(.*)/.exec(ps(pid)) ?? []
    yield line
    pid = Number(parent)
  }
}

/** @param {number} pid */
function ps(pid) {
  try {
    return execFileSync('ps', ['-o', 'ppid=,args=', '-p', String(pid)], { encoding: 'utf8' })
  } catch {
    return ''
  }
}

const isDryRun = () => [...callers()].some((line) => /wrangler.* --dry-run\b/.test(line))

if (['deploy', 'versions upload'].includes(command) && !isDryRun()) {
  console.error(
    `wrangler ${command} would bind the Worker to no database. Deploy it with: npm run deploy [-- --env NAME]; other commands of wrangler: npm run remote -- [--env NAME] COMMAND`,
  )
  process.exit(1)
}
