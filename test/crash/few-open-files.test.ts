import { spawnSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { verify } from '../../provider/index.js'
import { makeLayout } from '../fixtures/layout.js'
import { describeWithPeers } from '../peers/peers.js'
import { scratch } from '../scratch.js'

const PROGRAM = fileURLToPath(new URL('../../bin/containerimage.js', import.meta.url))

describeWithPeers(['sh'], 'a process that may open few files', () => {
  const folders = scratch()
  let folder: string

  before(() => {
    folder = folders.folder()
    const images = Array.from({ length: 30 }, (_, i) => ({
      refName: `demo:${i}.0`,
      layers: [{ files: { own: 100_000 + i } }, { files: { own: i } }],
    }))
    makeLayout(path.join(folder, 'many'), images)
    makeLayout(path.join(folder, 'large'), [
      { refName: 'large:1.0', layers: [{ files: { a: 80_000_000 }, compression: 'none' }] },
    ])
  })
  after(() => folders.remove())

  function run(...words: string[]): { status: number | null; stderr: string } {
    return spawnSync('sh', ['-c', 'ulimit -n 64; exec "$@"', 'sh', process.execPath, PROGRAM, ...words], {
      cwd: folder,
      encoding: 'utf8',
      env: { ...process.env, CONTAINERIMAGE_STORE: path.join(folder, 'store') },
    })
  }

  it('installs, saves, checks and verifies thirty images with 64', async () => {
    for (const words of [
      ['install', 'many'],
      ['save', './many', '--path', 'usb', '--format', 'media', '--force'],
      ['save', './many', '--path', 'many.tar'],
      ['store', 'check'],
      ['verify', 'usb', 'many.tar'],
    ]) {
      const { status, stderr } = run(...words)
      expect(status, `${words.join(' ')}: ${stderr}`).to.equal(0)
    }
    expect((await verify({ store: path.join(folder, 'store') })).problems).to.deep.equal([])
  })

  it('says why it cannot write a set of more volumes than that, and how it could', () => {
    mkdirSync(path.join(folder, 'volumes'))
    const { status, stderr } = run('save', './large', '--path', 'volumes', '--volume-size', '1100k')
    expect(status).to.equal(1)
    expect(stderr).to.include('too many files are open').and.include('ulimit -n')
  })
})
