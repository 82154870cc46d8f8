import { spawnSync } from 'node:child_process'
import { mkdirSync, truncateSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { install, save, verify } from '../../../../provider/index.js'
import { makeLayout } from '../../../fixtures/layout.js'
import { describeWithPeers, peer, runPeer } from '../../../peers/peers.js'
import { scratch } from '../../../scratch.js'
import { filesIn } from '../../verbs/on-disk.js'

describeWithPeers(['mcopy', 'mkfs.vfat'], 'a stick with FAT32', () => {
  const temporary = scratch()
  let folder: string
  let layout: string
  let image: string

  beforeEach(() => {
    folder = temporary.folder()
    layout = path.join(folder, 'layout')
    image = path.join(folder, 'stick.img')
    makeLayout(layout, [
      {
        refName: 'nanoserver:10.0.14300.1010',
        layers: [7_000_000, 500_000].map((size) => ({ files: { size }, compression: 'none' })),
      },
    ])
    writeFileSync(image, '')
    truncateSync(image, 64 * 1024 * 1024)
    runPeer('mkfs.vfat', ['-F', '32', image])
  })
  afterEach(() => temporary.remove())

  /** Copies a folder onto the stick and back from it, each by the names that FAT gives its files. */
  function carried(from: string): string {
    const back = path.join(folder, 'back')
    mkdirSync(back)
    const copy = (args: string[]): void => {
      const { status, stderr } = spawnSync(peer('mcopy') ?? '', ['-i', image, '-s', '-n', ...args], {
        encoding: 'utf8',
      })
      expect(status, stderr).to.equal(0)
    }
    copy([from, '::'])
    copy([`::${path.basename(from)}`, back])
    return path.join(back, path.basename(from))
  }

  it('carries a media with all its names and bytes', async () => {
    const stick = path.join(folder, 'media')
    await save({ names: [layout], path: stick, format: 'media', force: true })
    const back = carried(stick)
    expect(filesIn(back)).to.deep.equal(filesIn(stick))
    expect((await verify({ paths: [back] })).problems).to.deep.equal([])
    const { images } = await install({ targets: [back], store: path.join(folder, 'store') })
    expect(images[0]?.fullName).to.equal('CN=Unknown_nanoserver_10.0.14300.1010')
  })

  it('carries volumes of a size', async () => {
    const stick = path.join(folder, 'volumes')
    mkdirSync(stick)
    await save({ names: [layout], path: stick, volumeSize: 3_000_000 })
    const back = carried(stick)
    expect(filesIn(back)).to.deep.equal(filesIn(stick))
    await install({ targets: [back], store: path.join(folder, 'store') })
    expect((await verify({ store: path.join(folder, 'store') })).problems).to.deep.equal([])
  })
})
