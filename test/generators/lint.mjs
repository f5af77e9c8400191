// Lints the OpenAPI document of each path it is given, as Redocly and Spectral do in the repository. Prints what they find.
// Run in a folder where the linters are installed; the first argument is the repository.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { lint, loadConfig } from '@redocly/openapi-core'
import spectral from '@stoplight/spectral-core'
import parsers from '@stoplight/spectral-parsers'
import rulesets from '@stoplight/spectral-rulesets'
import yaml from 'js-yaml'

const { Document, Ruleset, Spectral } = spectral
const { Json, Yaml } = parsers
const [, , root, ...paths] = process.argv
const found = []

const config = await loadConfig({ configPath: join(root, 'redocly.yaml') })
const rules = yaml.load(readFileSync(join(root, '.spectral.yaml'), 'utf8'))
const linter = new Spectral()
linter.setRuleset(new Ruleset({ ...rules, extends: [rulesets.oas] }, { source: join(root, '.spectral.yaml') }))

for (const path of paths) {
  const file = join(root, path)
  for (const { ruleId, message, ignored, location } of await lint({ ref: file, config })) {
    if (!ignored) found.push(`${path}: redocly ${ruleId}: ${message} ${location[0]?.pointer}`)
  }
  const text = readFileSync(file, 'utf8')
  const value = yaml.load(text)
  for (const { code, message, path: place } of await linter.run(
    new Document(text, path.endsWith('json') ? Json : Yaml, file),
  )) {
    found.push(`${path}: spectral ${code}: ${message} ${place.join('.')}`)
  }
  const twin = yaml.load(readFileSync(file.replace(/\.\w+$/, '.json'), 'utf8'))
  if (!isDeepStrictEqual(value, twin)) found.push(`${path}: is not what it is as JSON`)
}
console.log(found.join('\n'))
