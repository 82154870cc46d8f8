import { expect } from 'chai'
import {
  openWim,
  readBlobs,
  readTree,
  type Wim,
  type WimEntry,
  walkTree,
} from '../../../../provider/formats/wim/index.js'
import { describeWithPeers } from '../../../peers/peers.js'
import { scratch } from '../../../scratch.js'
import { canMountNtfs, captureNtfs, DESCRIPTOR, NTFS_PEERS } from './ntfs-volume.js'
import { asWimlibShows, wimlibDir } from './wimlib.js'

describeWithPeers(NTFS_PEERS, 'reading what wimlib captured from NTFS', () => {
  const folders = scratch()
  let file = ''
  let wim: Wim
  let entries: Map<string, WimEntry>
  let times: Buffer
  let junction: Buffer

  before(async function () {
    if (!canMountNtfs()) this.skip()
    const captured = await captureNtfs(folders.folder())
    ;({ file, junction, times } = captured)
    wim = await openWim(file)
    const { root } = await readTree(wim, 1, { refuseCaseCollisions: true })
    entries = new Map([root, ...walkTree(root)].map((entry) => [entry.path, entry]))
  })
  after(async () => {
    await wim?.close()
    folders.remove()
  })

  it('shows each entry as wimlib does, security descriptors, streams and object ids included', () => {
    const theirs = wimlibDir(file, 1)
    expect([...entries.keys()].sort()).to.deep.equal([...theirs.keys()].sort())
    for (const [at, entry] of entries)
      expect(asWimlibShows(entry, wim.blobs), at).to.deep.equal(theirs.get(at))
  })

  it('keeps times to 100 nanoseconds', () => {
    const entry = entries.get('/file.txt')
    expect(entry?.createdAt).to.equal(times.readBigUInt64LE(0))
    expect(entry?.writtenAt).to.equal(times.readBigUInt64LE(8))
    expect(entry?.accessedAt).to.equal(times.readBigUInt64LE(16))
  })

  it('keeps what was set byte for byte', async () => {
    expect(entries.get('/sd')?.securityDescriptor?.toString('hex')).to.equal(DESCRIPTOR)
    expect(entries.get('/attributes')?.attributes).to.equal(0x27)
    expect(entries.get('/a long name.txt')?.shortName).to.equal('ALONGN~1.TXT')
    expect(entries.get('/oid')?.objectId?.toString('hex', 0, 16)).to.equal('00112233445566778899aabbccddeeff')
    const streams = entries.get('/file.txt')?.namedStreams ?? []
    expect(streams.map(({ name }) => name).sort()).to.deep.equal(['empty', 'stream'])
    expect((await content(streams.find(({ name }) => name === 'stream')?.sha1)).toString()).to.equal(
      'in a stream',
    )
    expect(entries.get('/folder')?.namedStreams.map(({ name }) => name)).to.deep.equal(['of the folder'])
  })

  it('tells reparse points with their tags and buffers', async () => {
    const point = entries.get('/junction')?.reparsePoint
    expect(point).to.include({ tag: 0xa0000003, notFixed: true })
    expect((await content(point?.sha1)).equals(junction)).to.equal(true)
    expect(entries.get('/other')?.reparsePoint?.tag).to.equal(0x80000013)
  })

  it('finds the names of one file', async () => {
    const { linkGroups } = await readTree(wim, 1)
    const names = [...linkGroups.values()].map((group) => group.map((entry) => entry.path).sort())
    expect(names).to.deep.equal([['/file.txt', '/folder/hard link']])
  })

  async function content(sha1: string | undefined): Promise<Buffer> {
    const blob = wim.blobs.get(sha1 ?? '')
    if (!blob) throw new Error(`there is no blob ${sha1}`)
    const pieces: Buffer[] = []
    for await (const { bytes } of readBlobs([blob], { workers: 0 })) pieces.push(Buffer.from(bytes))
    return Buffer.concat(pieces)
  }
})
