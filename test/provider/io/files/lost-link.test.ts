import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { documentThere } from '../../../../provider/io/files/read-document.js'
import { itWithLinks } from '../../../links.js'
import { scratch } from '../../../scratch.js'
import { failure } from '../../verbs/failure.js'

describe('a document that may be there', () => {
  const temporary = scratch()
  after(temporary.remove)

  itWithLinks('is none where there is nothing, however many folders are missing', async () => {
    const folder = temporary.folder()
    mkdirSync(path.join(folder, 'real'))
    symlinkSync('real', path.join(folder, 'link'))
    for (const name of ['file', 'a/file', 'a/b/c/file', 'link/file', 'link/a/file'])
      expect(await documentThere(path.join(folder, name), 100), name).to.equal(undefined)
  })

  itWithLinks('is read behind a link', async () => {
    const folder = temporary.folder()
    mkdirSync(path.join(folder, 'real'))
    writeFileSync(path.join(folder, 'real', 'file'), 'text')
    symlinkSync(path.join(folder, 'real'), path.join(folder, 'link'))
    expect(String(await documentThere(path.join(folder, 'link', 'file'), 100))).to.equal('text')
  })

  itWithLinks('is not taken for none behind a link to what is not there, at any height', async () => {
    const folder = temporary.folder()
    symlinkSync(path.join(folder, 'gone'), path.join(folder, 'link'))
    for (const name of ['link', 'link/file', 'link/a/file']) {
      const error = await failure(documentThere(path.join(folder, name), 100), 'PATH_NOT_FOUND')
      expect(error.found).to.equal('a link to what is not there')
    }
  })
})
