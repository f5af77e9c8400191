// Writes an object with long lists as JSON in pieces. Other requests of the isolate are let in between: else they wait until all of it
// is written.
import { mapInPieces } from './let-others-in.ts'

/** What JSON.stringify returns for an object that is no list and has no `toJSON`. */
export async function stringifyInPieces(object: object): Promise<string> {
  const properties: string[] = []
  for (const [name, value] of Object.entries(object)) {
    const text = Array.isArray(value) ? await stringifyList(value) : JSON.stringify(value)
    // As JSON.stringify leaves out what JSON has no form for.
    if (text !== undefined) properties.push(`${JSON.stringify(name)}:${text}`)
  }
  return `{${properties.join()}}`
}

async function stringifyList(items: readonly unknown[]): Promise<string> {
  const texts = await mapInPieces(items, (item) => JSON.stringify(item) ?? 'null')
  return `[${texts.join()}]`
}
