// Part of `npm run generate`: writes the OpenAPI documents of the emulated API and of the control plane into assets/, as
// JSON and as YAML.
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { app } from '../../app.ts'
import { controlApp } from '../../control/control.app.ts'
import { operations } from '../../http/contract.ts'
import { projectRoot } from '../config/config.ts'
import { CONTROL, openApi, TENANT } from './openapi.ts'
import { yaml } from './yaml.ts'

const documents = { external: openApi(operations(app), TENANT), control: openApi(operations(controlApp), CONTROL) }

/** The files' texts by their paths. */
export const openApiTexts = Object.fromEntries(
  Object.entries(documents).flatMap(([name, document]) => {
    const path = join(projectRoot, 'assets/openapi', name)
    return [
      [`${path}.json`, `${JSON.stringify(document)}\n`],
      [`${path}.yaml`, yaml(document)],
    ]
  }),
)

if (import.meta.main) {
  for (const [path, text] of Object.entries(openApiTexts)) {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
  }
}
