import path from 'node:path'
import { expect } from 'chai'
import { install } from '../../../../../provider/index.js'
import { describeWithPeers } from '../../../../peers/peers.js'
import { scratch } from '../../../../scratch.js'
import { type CapturedNtfs, canMountNtfs, captureNtfs, DESCRIPTOR, NTFS_PEERS } from '../ntfs-volume.js'
import { wimlibDir } from '../wimlib.js'
import { installWim } from './installed-layer.js'
import { readTar, type TarMember } from './read-tar.js'

const VERSION = ['MAJOR=10', 'MINOR=0', 'BUILD=14300', 'SPBUILD=1010'].map(
  (one) => `--image-property=WINDOWS/VERSION/${one}`,
)

describeWithPeers(NTFS_PEERS, 'the layer made of what wimlib captured from NTFS', () => {
  const folders = scratch()
  let captured: CapturedNtfs
  let members: TarMember[]
  const notes: string[] = []
  let store = ''

  before(async function () {
    if (!canMountNtfs()) this.skip()
    const folder = folders.folder()
    captured = await captureNtfs(folder, ...VERSION)
    store = path.join(folder, 'store')
    const onProgress = (event: { type: string; message?: string }) =>
      event.type === 'note' && notes.push(event.message ?? '')
    const { layer } = await installWim(captured.file, store, { skipUnsupported: true, onProgress })
    members = readTar(layer)
  })
  after(() => folders.remove())

  const member = (name: string): TarMember => {
    const found = members.find((one) => one.name === name)
    if (!found) throw new Error(`there is no ${name}`)
    return found
  }

  it('keeps security descriptors byte for byte', () => {
    const raw = member('Files/sd').records['MSWINDOWS.rawsd'] ?? ''
    expect(Buffer.from(raw, 'base64').toString('hex')).to.equal(DESCRIPTOR)
    for (const [at, entry] of wimlibDir(captured.file, 1)) {
      if (at === '/other') continue
      const found = members.find((one) => one.name.replace(/\/$/, '') === `Files${at === '/' ? '' : at}`)
      expect(Number(found?.records['MSWINDOWS.fileattr']), at).to.equal(entry.attributes)
      if (found?.type === '1') continue
      const descriptor = found?.records['MSWINDOWS.rawsd']
      expect(descriptor && Buffer.from(descriptor, 'base64').toString('hex'), at).to.equal(
        entry.securityDescriptor,
      )
    }
  })

  it('keeps times to 100 nanoseconds', () => {
    const { records } = member('Files/file.txt')
    const filetime = (text = '') => {
      const [seconds = '', decimals = ''] = text.split('.')
      return (BigInt(seconds) + 11_644_473_600n) * 10_000_000n + BigInt(decimals.padEnd(7, '0'))
    }
    expect(filetime(records['LIBARCHIVE.creationtime'])).to.equal(captured.times.readBigUInt64LE(0))
    expect(filetime(records.mtime)).to.equal(captured.times.readBigUInt64LE(8))
    expect(filetime(records.atime)).to.equal(captured.times.readBigUInt64LE(16))
  })

  it('puts alternate data streams directly behind their file', () => {
    const names = members.map(({ name }) => name)
    const at = names.indexOf('Files/file.txt')
    expect(names.slice(at + 1, at + 3).sort()).to.deep.equal([
      'Files/file.txt:empty',
      'Files/file.txt:stream',
    ])
    expect(names[names.indexOf('Files/folder') + 1]).to.equal('Files/folder:of the folder')
    const stream = member('Files/file.txt:stream')
    expect(stream.bytes.toString()).to.equal('in a stream')
    expect(Object.keys(stream.records).filter((key) => key.startsWith('MSWINDOWS'))).to.deep.equal([])
  })

  it('writes junctions as links with the mark of a mount point', () => {
    const { type, link, records } = member('Files/junction')
    expect({ type, link, mark: records['MSWINDOWS.mountpoint'] }).to.deep.equal({
      type: '2',
      link: 'C:\\target',
      mark: '1',
    })
  })

  it('writes further names of a file as hard links with its attributes', () => {
    const links = members.filter(({ type }) => type === '1')
    expect(links.map(({ name, link }) => [name, link].sort())).to.deep.equal([
      ['Files/file.txt', 'Files/folder/hard link'],
    ])
    expect(links[0]?.records).to.include.keys('MSWINDOWS.fileattr', 'LIBARCHIVE.creationtime')
  })

  it('names what a layer cannot hold, and leaves it out where that is asked for', async () => {
    const error = await install({ targets: [captured.file], store }).catch((reason) => reason)
    expect(error).to.include({ code: 'ARCHIVE_UNKNOWN' })
    expect(error.message).to.contain('/other').and.to.contain('0x80000013')
    expect(notes).to.deep.equal(['/other is left out: it is a reparse point with the tag 0x80000013.'])
    expect(members.some(({ name }) => name === 'Files/other')).to.equal(false)
  })
})
