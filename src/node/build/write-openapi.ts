// Part of `npm run generate`: writes the OpenAPI documents of the emulated API and of the control plane into assets/, as
// JSON and as YAML.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { app } from '../../app.ts'
import { controlApp } from '../../control/control.app.ts'
import { operations } from '../../http/contract.ts'
import { projectRoot } from '../config/config.ts'
import { control } from './openapi/control.ts'
import { openApi } from './openapi/document.ts'
import { external } from './openapi/external.ts'
import { yaml } from './yaml.ts'

const { version }: { version: string } = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8'))
const ofControl = operations(controlApp)

/** What clients call; pages are for browsers, which read no such document. */
const ofApi = operations(app).filter(({ contract }) => !contract.page)

export const documents = {
  external: openApi(ofApi, external(version)),
  control: openApi(ofControl, control(version, ofControl)),
}

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
