import { spawnSync } from 'node:child_process'
import { lstatSync, mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { describeWithPeers, runPeer } from '../peers/peers.js'
import { canMountNtfs } from '../provider/formats/wim/ntfs-volume.js'
import { scratch } from '../scratch.js'
import { BASE, file, folder, hostAt, OURS, symlink } from './hostile-layers.js'
import type { HostileMember } from './tar-builder.js'

describeWithPeers(
  ['mkntfs', 'ntfs-3g'],
  'links of layers on a file system that tells no capitals from small letters',
  () => {
    const folders = scratch()
    let above = ''

    before(function () {
      if (!canMountNtfs() || process.platform === 'win32') this.skip()
      const volume = path.join(folders.folder(), 'volume')
      above = folders.folder()
      writeFileSync(volume, '')
      truncateSync(volume, 32 << 20)
      runPeer('mkntfs', ['-F', '-Q', volume])
      if (spawnSync('lowntfs-3g', ['-o', 'ignore_case,windows_names', volume, above]).status !== 0)
        this.skip()
    })
    after(() => {
      if (above !== '') spawnSync('umount', [above])
      folders.remove()
    })

    const laidOut = async (name: string, layers: (home: string) => HostileMember[][]): Promise<string> => {
      const place = path.join(above, name)
      mkdirSync(place)
      const { home, layOut } = hostAt(place)
      return await layOut(layers(home))
    }

    it('writes through no link that took the place of a folder under another spelling', async () => {
      let led = ''
      const image = await laidOut('one', (home) => {
        led = home
        return [
          [folder('Files/'), folder('Files/Foo/'), file('Files/Foo/x', '1')],
          [symlink('Files/foo', home), file('Files/Foo/authorized_keys', 'evil')],
        ]
      })
      // It leads to the same names within the image.
      expect(readFileSync(path.join(image, 'Files', led, 'authorized_keys'), 'utf8')).to.equal('evil')
    })

    it('nor where the link was there first', async () => {
      await laidOut('two', (home) => [
        [folder('Files/'), symlink('Files/Foo', home), file('Files/FOO/authorized_keys', 'evil')],
        [file('files/foo/new', 'evil')],
      ])
    })

    it('finds a file of ours that a layer spells in another way', async () => {
      const image = await laidOut('three', (home) => [
        [...BASE, symlink('VERSION.wcx', path.join(home, 'authorized_keys')), symlink('Metadata.JSON', home)],
      ])
      for (const own of OURS) expect(lstatSync(path.join(image, own)).isFile(), own).to.equal(true)
    })

    it('puts what two spellings of a folder hold into one', async () => {
      const image = await laidOut('four', () => [
        [folder('Files/'), folder('Files/Windows/'), file('Files/Windows/a', '1')],
        [folder('files/windows/'), file('FILES/windows/b', '2'), file('files/WINDOWS/.wh.a', '')],
      ])
      expect(readdirSync(path.join(image, 'Files/Windows'))).to.deep.equal(['b'])
    })
  },
)
