import path from 'node:path'
import { expect } from 'chai'
import type { Descriptor } from '../../../../manifests/index.js'
import { get, install, save, tag } from '../../../../provider/index.js'
import { makeLayout } from '../../../fixtures/layout.js'
import { scratch } from '../../../scratch.js'
import { failure } from '../failure.js'

describe('saving what is installed, where no source has it', () => {
  const temporary = scratch()
  let store: string
  let seven: Descriptor
  let team: Descriptor

  beforeEach(async () => {
    const layout = path.join(temporary.folder(), 'layout')
    store = path.join(temporary.folder(), 'store')
    ;[seven, , team] = makeLayout(layout, [
      { refName: 'onlyhere:7.0', layers: [{ files: { a: 'seven' } }] },
      { refName: 'onlyhere:8.0', layers: [{ files: { a: 'eight' } }] },
      { refName: 'quay.io/team/onlythere:1', layers: [{ files: { a: 'team' } }] },
    ]) as [Descriptor, Descriptor, Descriptor]
    await install({ targets: [layout], store })
    await tag({ from: 'onlyhere:7.0', to: 'onlyhere:latest', store })
    await tag({ from: 'onlyhere:7.0', to: 'onlyhere:prod', store })
  })
  afterEach(() => temporary.remove())

  /** The digests of the images in the archive that a name gives. */
  async function saved(name: string): Promise<string[]> {
    const file = path.join(path.dirname(store), `${name.replace(/\W/g, '-')}.tar`)
    return (await save({ names: [name], path: file, store })).images.map(({ digest }) => digest)
  }

  it('takes a version, and any other tag that the image has now', async () => {
    for (const name of ['onlyhere:7.0', 'onlyhere:latest', 'onlyhere:prod'])
      expect(await saved(name), name).to.deep.equal([seven.digest])
  })

  it('takes the end of a name with a tag', async () => {
    for (const name of ['onlythere:1', 'team/onlythere:latest'])
      expect(await saved(name), name).to.deep.equal([team.digest])
  })

  it('carries the tag that it was asked for by', async () => {
    await saved('onlyhere:prod')
    const other = path.join(temporary.folder(), 'other')
    await install({ targets: [path.join(path.dirname(store), 'onlyhere-prod.tar')], store: other })
    expect((await get({ store: other, names: ['onlyhere:prod'] })).map(({ digest }) => digest)).to.deep.equal(
      [seven.digest],
    )
  })

  it('finds nothing for a tag that none has', async () => {
    await failure(saved('onlyhere:9.0'), 'NO_MATCH')
    await failure(saved('onlythere:prod'), 'NO_MATCH')
  })
})
