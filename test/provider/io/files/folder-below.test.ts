import { existsSync, mkdirSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { checkFolderBelow, makeFolderBelow } from '../../../../provider/io/files/folder-below.js'
import { itWithLinks } from '../../../links.js'
import { scratch } from '../../../scratch.js'
import { failure } from '../../verbs/failure.js'

describe('a folder below one that a user named', () => {
  const temporary = scratch()
  let root: string

  beforeEach(() => {
    root = path.join(temporary.folder(), 'root')
  })
  afterEach(() => temporary.remove())

  const works = [checkFolderBelow, makeFolderBelow]

  it('is made with all above it, and is found the next time', async () => {
    const folder = path.join(root, 'a', 'b', 'c')
    await checkFolderBelow(root, folder)
    expect(existsSync(root)).to.equal(false)
    for (let times = 0; times < 2; times++) await makeFolderBelow(root, folder)
    expect(statSync(folder).isDirectory()).to.equal(true)
    await checkFolderBelow(root, folder)
  })

  itWithLinks('is refused where a link is on the way to it, wherever that leads', async () => {
    const elsewhere = path.join(temporary.folder(), 'elsewhere')
    mkdirSync(path.join(elsewhere, 'b', 'c'), { recursive: true })
    mkdirSync(path.join(root, 'x'), { recursive: true })
    for (const target of [elsewhere, 'x', '.', path.join(elsewhere, 'none')])
      for (const name of ['a', 'p/a', 'p/q/a']) {
        const place = path.join(temporary.folder(), name)
        const top = place.slice(0, -name.length - 1)
        mkdirSync(path.dirname(place), { recursive: true })
        symlinkSync(target, place)
        for (const work of works) {
          const error = await failure(work(top, path.join(place, 'b', 'c')), 'IN_THE_WAY')
          expect(error).to.include({ message: `${place} is a link.`, found: `a link to ${target}` })
        }
      }
    expect(readdirSync(elsewhere)).to.deep.equal(['b'])
  })

  it('is refused where a file is in its place', async () => {
    mkdirSync(root)
    writeFileSync(path.join(root, 'a'), 'a file')
    for (const work of works) {
      const error = await failure(work(root, path.join(root, 'a', 'b')), 'IN_THE_WAY')
      expect(error.message).to.equal(`${path.join(root, 'a')} is not a folder.`)
    }
  })

  itWithLinks('may be reached through links that lead to the one that was named', async () => {
    mkdirSync(root)
    const linked = path.join(temporary.folder(), 'linked')
    symlinkSync(root, linked)
    await makeFolderBelow(linked, linked)
    await makeFolderBelow(linked, path.join(linked, 'a', 'b'))
    expect(existsSync(path.join(root, 'a', 'b'))).to.equal(true)
  })

  it('does not lie beside it', async () => {
    for (const work of works) {
      const error = await work(root, path.join(root, '..', 'other')).catch((reason: Error) => reason)
      expect(error).to.be.instanceOf(Error)
    }
  })
})
