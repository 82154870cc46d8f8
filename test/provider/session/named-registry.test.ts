import path from 'node:path'
import { expect } from 'chai'
import { addSource } from '../../../provider/index.js'
import { namedRegistry } from '../../../provider/session/named-registry.js'
import { restoreEnvironment } from '../../environment.js'
import { scratch } from '../../scratch.js'
import { failure } from '../verbs/failure.js'

describe('the one registry that a request names', () => {
  const temporary = scratch()
  const before_ = { ...process.env }

  beforeEach(() => {
    process.env.CONTAINERIMAGE_CONFIG_DIR = path.join(temporary.folder(), 'settings')
  })
  afterEach(() => {
    restoreEnvironment(before_)
    temporary.remove()
  })

  it('is that of its references, where all have the same', async () => {
    expect(await namedRegistry({ references: ['r.example:5000/a:1', 'r.example:5000/b:1'] })).to.equal(
      'r.example:5000',
    )
    expect(await namedRegistry({ targets: ['docker.io/library/debian', './debian.tar'] })).to.equal(
      'docker.io',
    )
  })

  it('is that of its source, by URL or by name', async () => {
    expect(await namedRegistry({ names: ['debian'], source: 'https://r.example/base' })).to.equal('r.example')
    await addSource({ name: 'Lab', location: 'https://lab.example:5000/x' })
    expect(await namedRegistry({ names: ['debian'], source: 'lab' })).to.equal('lab.example:5000')
  })

  it('is the one that images are sent to, whatever their names are', async () => {
    const names = ['docker.io/library/debian:12']
    for (const registry of ['R.example:5000/base', 'https://r.example:5000/base'])
      expect(await namedRegistry({ names, registry })).to.equal('r.example:5000')
  })

  it('is none of several, and not an index or a folder', async () => {
    await addSource({ name: 'stick', location: './usb', type: 'folder' })
    for (const request of [
      {},
      { names: ['debian'] },
      { names: ['a.example/x', 'b.example/x'] },
      { names: ['a.example/x'], source: 'https://b.example' },
      { names: ['debian'], source: 'https://files.example/index.json' },
      { names: ['debian'], source: 'stick' },
    ])
      await failure(namedRegistry(request), 'USAGE')
  })
})
