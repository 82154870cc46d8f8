import { expect } from 'chai'
import { FolderSource } from '../../../catalog/sources/folder.js'
import { Folder, notFound } from '../ports.js'

const IMAGES = ['debian', 'NanoServer'].map((name) => ({
  name,
  version: '1.0',
  summary: '',
  location: { kind: 'path' as const, path: `/media/usb/${name}.tar` },
}))

describe('a folder as a source', () => {
  it('gives what the lister finds, with its own name, and its notes', async () => {
    const source = new FolderSource(
      { name: 'stick', path: '/media/usb' },
      new Folder({ entries: IMAGES, notes: ['x.tar is cut short.'] }),
    )
    const { entries, notes } = await source.entries(['nano*'], {})
    expect(entries).to.deep.equal([{ ...IMAGES[1], source: 'stick' }])
    expect(notes).to.deep.equal(['Source stick: x.tar is cut short.'])
    expect(await source.names({})).to.deep.equal(['debian', 'NanoServer'])
  })

  it('reads the folder once', async () => {
    const lister = new Folder({ entries: IMAGES, notes: [] })
    const source = new FolderSource({ name: 'stick', path: '/media/usb' }, lister)
    await source.entries([], {})
    await source.entries(['debian'], {})
    expect(lister.times).to.equal(1)
  })

  it('fails as the lister does', async () => {
    let caught: unknown
    await new FolderSource({ name: 'stick', path: '/x' }, new Folder(notFound('folder')))
      .entries([], {})
      .catch((e) => {
        caught = e
      })
    expect(caught).to.have.property('code', 'NOT_FOUND')
  })
})
