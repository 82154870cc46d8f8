import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { parseMediaList } from '../../manifests/index.js'
import { install, prune, type SaveRequest, save, uninstall, verify } from '../../provider/index.js'
import { makeLayout } from '../fixtures/layout.js'
import { failure } from '../provider/verbs/failure.js'
import { scratch } from '../scratch.js'
import { listing } from './attack.js'

const UUID = '01234567-89ab-cdef-0123-456789abcdef'

describe('what lies on a stick, or in a store, under names that this program does not give', () => {
  const temporary = scratch()
  let layouts: string[]
  let place: string

  beforeEach(() => {
    const folder = temporary.folder()
    layouts = ['1.0', '2.0'].map((version) => {
      const layout = path.join(folder, version)
      makeLayout(layout, [{ refName: `base:${version}`, layers: [{ files: { file: version } }] }])
      return layout
    })
    place = path.join(folder, 'place')
    mkdirSync(place)
  })
  afterEach(() => temporary.remove())

  /** A user's folder of this name, with names that are nearly ours. */
  function fill(folder: string): Record<string, string> {
    mkdirSync(path.join(folder, '2026-photos', 'inner'), { recursive: true })
    mkdirSync(path.join(folder, `sha256-${'a'.repeat(64)}`))
    writeFileSync(
      path.join(folder, `sha256-${'a'.repeat(64)}`, 'notes'),
      'a folder where a file would be ours',
    )
    mkdirSync(path.join(folder, 'set-of-spoons'))
    for (const name of [
      '2026-photos/1.jpg',
      '2026-photos/inner/2.jpg',
      'set-of-spoons/3.jpg',
      'report.docx',
      'index',
      'receipts.jsonl',
      `sha256-${'b'.repeat(63)}`,
      `sha256-${'B'.repeat(64)}`,
      'made-by-hand.gz',
      'download-2026.part',
      'unpacked-boxes',
      'copy-1-of-2.txt',
      'padlock.lock',
      '.hidden',
    ])
      writeFileSync(path.join(folder, name), `of the owner: ${name}`)
    return listing(folder)
  }

  it('stays in a folder ingest/ that a media is made beside, whatever a save does', async () => {
    const before = fill(path.join(place, 'ingest'))
    const notes: string[] = []
    const onProgress = (event: { type: string; message?: string }): void => {
      if (event.type === 'note') notes.push(event.message ?? '')
    }
    await save({ names: layouts.slice(0, 1), path: place, format: 'media', onProgress })
    expect(listing(path.join(place, 'ingest'))).to.deep.equal(before)
    expect(notes.join('\n')).to.match(/^Not of this media, and not in its list: ingest\//m)
    await save({ names: layouts, path: place, format: 'media', force: true })
    await prune({ store: place })
    await uninstall({ name: 'base', version: '1.0', store: place })
    expect(listing(path.join(place, 'ingest'))).to.deep.equal(before)
  })

  it('is told of a media as what nobody listed, and not as the rest of a save', async () => {
    mkdirSync(path.join(place, 'ingest'))
    await save({ names: layouts, path: place, format: 'media' })
    mkdirSync(path.join(place, 'ingest'))
    writeFileSync(path.join(place, 'ingest', 'report.docx'), 'own')
    writeFileSync(path.join(place, 'ingest', `sha256-${'c'.repeat(64)}`), 'half a blob')
    const { problems } = await verify({ paths: [place] })
    expect(problems.map(({ code }) => code)).to.deep.equal(['FILE_EXTRA', 'FILE_EXTRA'])
    const [own, rest] = problems.map(({ message }) => message).sort()
    expect(own).to.contain('report.docx is on the media and not in its list')
    expect(rest).to.contain('was left by a save that did not end')
  })

  it('stays while what interrupted runs left is removed', async () => {
    await save({ names: layouts, path: place, format: 'media' })
    const ingest = path.join(place, 'ingest')
    const before = fill(ingest)
    const left = [
      `sha256-${'d'.repeat(64)}`,
      `sha512-${'d'.repeat(128)}`,
      `made-${'d'.repeat(64)}`,
      `made-${'d'.repeat(64)}.gz`,
      `download-${'d'.repeat(32)}`,
      `download-${'d'.repeat(32)}.part`,
    ]
    for (const name of left) writeFileSync(path.join(ingest, name), 'left')
    for (const name of [`set-${'d'.repeat(64)}`, `unpacked-${UUID}`]) {
      mkdirSync(path.join(ingest, name, 'blobs'), { recursive: true })
      writeFileSync(path.join(ingest, name, 'blobs', 'one'), 'left')
    }
    await prune({ store: place })
    expect(listing(ingest)).to.deep.equal(before)
  })

  it('stays below blobs/, and out of the list', async () => {
    const own = ['other/file', 'sha256/readme', `sha256/${'e'.repeat(63)}`, 'top']
    for (const name of own) {
      mkdirSync(path.dirname(path.join(place, 'blobs', name)), { recursive: true })
      writeFileSync(path.join(place, 'blobs', name), name)
    }
    mkdirSync(path.join(place, 'blobs', 'sha256', 'f'.repeat(64)))
    writeFileSync(path.join(place, 'blobs', 'sha256', 'f'.repeat(64), 'inner'), 'in a folder')
    await save({ names: layouts, path: place, format: 'media' })
    await save({ names: layouts, path: place, format: 'media', force: true })
    await prune({ store: place })
    for (const name of own) expect(readFileSync(path.join(place, 'blobs', name), 'utf8')).to.equal(name)
    expect(existsSync(path.join(place, 'blobs', 'sha256', 'f'.repeat(64), 'inner'))).to.equal(true)
    const { files } = parseMediaList(readFileSync(path.join(place, 'media.json')))
    expect(
      files.filter(({ path: file }) => !/^blobs\/sha256\/[0-9a-f]{64}$/.test(file)).map(pathOf),
    ).to.deep.equal(['index.html', 'index.json', 'oci-layout'])
  })

  it('is not a media or a store where blobs lie without a layout, as in the caches of other programs', async () => {
    const cache = path.join(place, 'cache')
    mkdirSync(cache)
    cpSync(path.join(layouts[0] ?? '', 'blobs'), path.join(cache, 'blobs'), { recursive: true })
    for (const ingest of [undefined, `${'a'.repeat(64)}_123`, 'a'.repeat(64)]) {
      if (ingest) mkdirSync(path.join(cache, 'ingest', ingest), { recursive: true })
      const before = listing(cache)
      for (const force of [false, true])
        await failure(save({ names: layouts, path: cache, format: 'media', force }), 'LAYOUT_INVALID')
      await failure(prune({ store: cache }), 'LAYOUT_INVALID')
      await failure(install({ targets: layouts, store: cache }), 'LAYOUT_INVALID')
      expect(listing(cache)).to.deep.equal(before)
    }
  })

  it('is told by name where it is a file and a folder is needed', async () => {
    for (const name of ['ingest', 'blobs']) {
      writeFileSync(path.join(place, name), 'own')
      const error = await failure(save({ names: layouts, path: place, format: 'media' }), 'IN_THE_WAY')
      expect(error.message).to.equal(`${path.join(place, name)} is not a folder.`)
      expect(readdirSync(place)).to.deep.equal([name])
      rmSync(path.join(place, name))
    }
  })

  it('stays where it is a folder in whose place further files would go', async () => {
    const places: Record<string, SaveRequest> = {
      'base-1-0.par2': { names: layouts.slice(0, 1), path: place, recovery: 0.1 },
      'base-1-0.vol7+1.par2': { names: layouts.slice(0, 1), path: place, recovery: 0.1 },
      'base-1-0.swm': { names: layouts.slice(0, 1), path: place, format: 'wim', splitSize: 1_000_000 },
      'base-1-02.swm': { names: layouts.slice(0, 1), path: place, format: 'wim', splitSize: 1_000_000 },
    }
    for (const [name, request] of Object.entries(places)) {
      fill(path.join(place, name))
      const before = listing(path.join(place, name))
      for (const force of [false, true]) await failure(save({ ...request, force }), 'FILE_EXISTS')
      expect(listing(path.join(place, name)), name).to.deep.equal(before)
      rmSync(place, { recursive: true })
      mkdirSync(place)
    }
  })

  it('stays in a folder that has the name of an unfinished 7z', async () => {
    const folder = path.join(place, 'base-1-0.7z.part')
    fill(folder)
    const before = listing(place)
    const saving = () => save({ names: layouts.slice(0, 1), path: place, format: '7z' })
    await failure(saving(), 'IN_THE_WAY')
    expect(listing(place)).to.deep.equal(before)
    rmSync(folder, { recursive: true })
    mkdirSync(path.join(folder, 'files'), { recursive: true })
    writeFileSync(path.join(folder, 'archive.7z.list'), 'left by a run that was killed')
    await saving()
    expect(readdirSync(place)).to.deep.equal(['base-1-0.7z'])
  })
})

function pathOf(file: { path: string }): string {
  return file.path
}
