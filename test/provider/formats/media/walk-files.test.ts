import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import fs from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'
import path from 'node:path'
import { expect } from 'chai'
import { walkFiles } from '../../../../provider/formats/media/walk-files.js'
import { scratch } from '../../../scratch.js'
import { failure } from '../../verbs/failure.js'

describe('the files of a media', () => {
  const temporary = scratch()
  const { lstat, opendir } = fs
  let root: string

  beforeEach(() => {
    root = path.join(temporary.folder(), 'stick')
    for (const folder of ['blobs', 'ingest/unpacked']) mkdirSync(path.join(root, folder), { recursive: true })
    for (const file of ['blobs/a', 'ingest/copy.lock', 'ingest/unpacked/b', 'index.json'])
      writeFileSync(path.join(root, file), 'four')
  })
  afterEach(() => {
    Object.assign(fs, { lstat, opendir })
    syncBuiltinESMExports()
    temporary.remove()
  })

  /** Another run removes it just before it is looked at. */
  function goes(name: string): void {
    const place = path.join(root, name)
    const onceGone = <T>(looked: string, look: () => Promise<T>): Promise<T> => {
      if (looked === place) rmSync(place, { recursive: true, force: true })
      return look()
    }
    Object.assign(fs, {
      lstat: (file: string) => onceGone(file, () => lstat(file)),
      opendir: (folder: string, options: object) => onceGone(folder, () => opendir(folder, options)),
    })
    syncBuiltinESMExports()
  }

  async function paths(): Promise<string[]> {
    return (await walkFiles(root)).map((file) => file.path)
  }

  it('are all of them, in the order of their paths', async () => {
    expect(await paths()).to.deep.equal(['blobs/a', 'index.json', 'ingest/copy.lock', 'ingest/unpacked/b'])
  })

  for (const [name, left] of [
    ['ingest/copy.lock', ['blobs/a', 'index.json', 'ingest/unpacked/b']],
    ['ingest/unpacked', ['blobs/a', 'index.json', 'ingest/copy.lock']],
    ['blobs/a', ['index.json', 'ingest/copy.lock', 'ingest/unpacked/b']],
  ] as const)
    it(`are those that stay, if ${name} goes while they are listed`, async () => {
      goes(name)
      expect(await paths()).to.deep.equal(left)
    })

  it('cannot be listed where there is no media', async () => {
    await failure(walkFiles(path.join(root, 'none')), 'PATH_NOT_FOUND')
  })
})
