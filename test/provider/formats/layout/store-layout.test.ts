import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { storeLayout } from '../../../../provider/formats/layout/store-layout.js'
import { get } from '../../../../provider/index.js'
import { storeAt } from '../../../../provider/store/store.js'
import { scratch } from '../../../scratch.js'
import { failure } from '../../verbs/failure.js'

const EMPTY_INDEX = '{"schemaVersion":2,"manifests":[]}'
const ONE_ENTRY = `{"schemaVersion":2,"manifests":[{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"sha256:${'a'.repeat(64)}","size":7}]}`

describe('what a store holds', () => {
  const temporary = scratch()
  afterEach(() => temporary.remove())

  const unmade: Record<string, (root: string) => void> = {
    'is not there yet': () => {},
    'is an empty folder': (root) => mkdirSync(root),
    'was left while its folders were made': (root) =>
      mkdirSync(path.join(root, 'ingest'), { recursive: true }),
    'was left after its index was made': (root) => {
      mkdirSync(path.join(root, 'blobs', 'sha256'), { recursive: true })
      writeFileSync(path.join(root, 'index.json'), EMPTY_INDEX)
    },
  }
  for (const [what, make] of Object.entries(unmade))
    it(`is nothing if the store ${what}`, async () => {
      const root = path.join(temporary.folder(), 'store')
      make(root)
      const source = await storeLayout(storeAt(root))
      expect(await source.images()).to.deep.equal([])
      const error = await failure(source.resolve('debian:12'), 'NOT_FOUND')
      expect(error.message).to.contain('"debian:12"')
      expect(await get({ store: root, parts: true })).to.deep.equal([])
    })

  it('is not nothing if only the file that makes it a layout was lost', async () => {
    const root = path.join(temporary.folder(), 'store')
    mkdirSync(root)
    writeFileSync(path.join(root, 'index.json'), ONE_ENTRY)
    await failure(storeLayout(storeAt(root)), 'LAYOUT_INVALID')
  })
})
