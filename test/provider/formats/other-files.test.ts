import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { install, type ProgressEvent, save, verify } from '../../../provider/index.js'
import { makeLayout } from '../../fixtures/layout.js'
import { describeWithPeers } from '../../peers/peers.js'
import { scratch } from '../../scratch.js'

describeWithPeers(['tar', 'zip'], 'other files beside a layout', () => {
  const temporary = scratch()
  let folder = ''
  let store = ''
  let notes: string[] = []
  const onProgress = (event: ProgressEvent): void => {
    if (event.type === 'note') notes.push(event.message)
  }

  beforeEach(() => {
    folder = path.join(temporary.folder(), 'layout')
    store = path.join(temporary.folder(), 'store')
    notes = []
    makeLayout(folder, [{ refName: 'demo:1.0', layers: [{ files: { a: 'a' } }] }])
  })
  after(() => temporary.remove())

  const put = (name: string): void => {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true })
    writeFileSync(path.join(folder, name), 'other')
  }
  const packed = (from: string, how: string): string => {
    const file = `${from}.${how}`
    if (how === 'zip') execFileSync('zip', ['-qr', file, '.'], { cwd: from })
    else execFileSync('tar', [how === 'tar' ? '-cf' : '-czf', file, '-C', from, '.'])
    return file
  }

  const OTHERS = [
    'README.md',
    'SHA256SUMS',
    '._index.json',
    'blobs/._sha256',
    'blobs/sha256/.DS_Store',
    'Thumbs.db',
    'docs/a/b',
  ]
  for (const how of ['tar', 'tar.gz', 'zip'])
    for (const name of OTHERS)
      it(`are noted and not read in a ${how}: ${name}`, async () => {
        put(name)
        const target = packed(folder, how)
        const { images } = await install({ targets: [target], store, onProgress })
        expect(images[0]?.tags).to.include('demo:1.0')
        // macOS's own are told of nowhere in a zip.
        const isQuiet = how === 'zip' && /^\.|Thumbs|\/\._|\.DS_Store/.test(name)
        expect(
          notes.some((note) => note.includes(name)),
          notes.join('\n'),
        ).to.equal(!isQuiet)
        notes = []
        expect((await verify({ paths: [target], onProgress })).problems).to.deep.equal([])
        expect(
          notes.some((note) => note.includes(name)),
          notes.join('\n'),
        ).to.equal(!isQuiet)
      })

  it('are told of together, with the first of many', async () => {
    for (let i = 0; i < 9; i++) put(`file-${i}`)
    await install({ targets: [packed(folder, 'tar')], store, onProgress })
    expect(notes).to.have.length(1)
    expect(notes[0]).to.match(/is not read: (file-\d, ){4}file-\d and 4 more\.$/)
  })

  it('are noted at the top of a folder, but not what systems put there', async () => {
    for (const name of ['README.md', '.DS_Store', 'Thumbs.db', 'manifest.json']) put(name)
    await install({ targets: [folder], store, onProgress })
    expect(notes).to.deep.equal([`${folder}: what is not part of its images is not read: README.md.`])
    expect((await verify({ paths: [folder] })).problems).to.deep.equal([])
  })

  it('are no news in a folder without them, in a store and on a media', async () => {
    const media = path.join(temporary.folder(), 'media')
    await save({ names: [folder], path: media, format: 'media', force: true, store })
    for (const target of [folder, media]) await install({ targets: [target], store, onProgress })
    await install({ targets: [store], store: `${store}2`, onProgress })
    expect(notes).to.deep.equal([])
  })

  it('are those of a media, which is checked by its lists, in a tar as in a zip', async () => {
    const media = path.join(temporary.folder(), 'media')
    await save({ names: [folder], path: media, format: 'media', force: true, store })
    for (const how of ['tar', 'tar.gz', 'zip']) {
      const target = packed(media, how)
      await install({ targets: [target], store: `${store}-${how}`, onProgress })
      expect((await verify({ paths: [target], onProgress })).problems).to.deep.equal([])
    }
    expect(notes).to.deep.equal([])
    writeFileSync(path.join(media, 'index.html'), 'another page')
    const { problems } = await verify({ paths: [packed(media, 'tar')] })
    expect(problems.map(({ code, path: at }) => `${code} ${at}`)).to.deep.equal(['FILE_CHANGED index.html'])
  })
})
