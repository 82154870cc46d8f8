import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { parseCatalogIndex } from '../../../catalog/sources/json-index.js'

// From dist/test/catalog/sources to the root of the project.
const PAGE = fileURLToPath(new URL('../../../../docs/index-format.md', import.meta.url))

describe('docs/index-format.md', () => {
  it('shows indexes that are valid', () => {
    const examples = [...readFileSync(PAGE, 'utf8').matchAll(/```json\n(.*?)```/gs)].map(
      (match) => match[1] ?? '',
    )
    const place = { location: 'https://files.example.com/images/index.json', insecure: false }
    const names = examples.map((json) =>
      parseCatalogIndex(Buffer.from(json), place, 'docs').entries.map((e) => e.name),
    )
    expect(names).to.deep.equal([['NanoServer', 'debian'], ['NanoServer']])
  })
})
