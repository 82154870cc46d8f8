import { mkdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { OpenFolders } from '../../../../provider/inside/commit/open-folders.js'
import { scratch } from '../../../scratch.js'

describe('folders that are opened one from another', () => {
  const { folder, remove } = scratch()
  let root: string
  let outside: string
  let folders: OpenFolders

  beforeEach(function () {
    if (process.platform !== 'linux') this.skip()
    root = folder()
    outside = folder()
    mkdirSync(path.join(root, 'a/b'), { recursive: true })
    writeFileSync(path.join(root, 'a/b/file'), 'inside')
    mkdirSync(path.join(outside, 'b'))
    writeFileSync(path.join(outside, 'b/file'), 'outside')
    folders = new OpenFolders(root)
  })

  afterEach(() => {
    folders?.close()
    remove()
  })

  function putLink(): void {
    renameSync(path.join(root, 'a'), path.join(root, 'moved'))
    symlinkSync(outside, path.join(root, 'a'))
  }

  it('stay the same ones when a link is put in the place of one', () => {
    expect(readFileSync(folders.at('a/b', 'file'), 'utf8')).to.equal('inside')
    putLink()
    expect(readFileSync(folders.at('a/b', 'file'), 'utf8')).to.equal('inside')
  })

  it('are never opened through a link', () => {
    putLink()
    expect(() => folders.at('a/b', 'file'))
      .to.throw()
      .with.property('code')
      .that.is.oneOf(['ELOOP', 'ENOTDIR'])
  })

  it('are found again in any order', () => {
    mkdirSync(path.join(root, 'ab'))
    writeFileSync(path.join(root, 'ab/file'), 'other')
    const read = (place: string): string => readFileSync(folders.at(place, 'file'), 'utf8')
    expect(['a/b', 'ab', 'a/b'].map(read)).to.deep.equal(['inside', 'other', 'inside'])
  })
})
