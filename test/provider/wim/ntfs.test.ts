import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { link, mkdir, truncate, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect } from 'chai'
import {
  openWim,
  readBlobs,
  readTree,
  type Wim,
  type WimEntry,
  walkTree,
} from '../../../provider/wim/index.js'
import { describeWithPeers, peer, runPeer } from '../../peers/peers.js'
import { scratch } from '../../scratch.js'
import { asWimlibShows, wimlib, wimlibDir } from './wimlib.js'

/** Owner and group Administrators, one entry that lets Administrators change. */
const DESCRIPTOR =
  '0100048014000000240000000000000034000000' +
  '01020000000000052000000020020000'.repeat(2) +
  '0200200001000000000018009f011200' +
  '01020000000000052000000020020000'

const NEEDED = ['wimlib-imagex', 'mkntfs', 'ntfs-3g', 'setfattr', 'getfattr'] as const

describeWithPeers([...NEEDED], 'reading what wimlib captured from NTFS', function () {
  this.timeout(60_000)
  const folders = scratch()
  let file = ''
  let wim: Wim
  let entries: Map<string, WimEntry>
  let times: Buffer
  let junction: Buffer

  before(async function () {
    if (process.getuid?.() !== 0 || !existsSync('/dev/fuse')) {
      if (process.env.REQUIRE_PEERS) throw new Error('mounting NTFS needs root and /dev/fuse')
      this.skip()
    }
    const folder = folders.folder()
    const volume = path.join(folder, 'volume')
    const mount = path.join(folder, 'mount')
    await mkdir(mount)
    await writeFile(volume, '')
    await truncate(volume, 16 << 20)
    runPeer('mkntfs', ['-F', '-Q', volume])
    runPeer('ntfs-3g', ['-o', 'no_def_opts,streams_interface=xattr', volume, mount])
    try {
      junction = await fill(mount)
      times = attribute(path.join(mount, 'file.txt'), 'system.ntfs_times')
    } finally {
      spawnSync('umount', [mount])
    }
    file = path.join(folder, 'ntfs.wim')
    wimlib('capture', volume, file, 'ntfs', '--compress=LZX', '--norpfix')
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

/** Makes one file for each kind of metadata; gives the junction's buffer without its head. */
async function fill(mount: string): Promise<Buffer> {
  const at = (name: string) => path.join(mount, name)
  for (const name of ['file.txt', 'sd', 'attributes', 'a long name.txt', 'oid', 'other'])
    await writeFile(at(name), '')
  await writeFile(at('file.txt'), 'hello')
  set(at('file.txt'), 'user.stream', Buffer.from('in a stream'))
  set(at('file.txt'), 'user.empty', Buffer.alloc(0))
  await mkdir(at('folder'))
  set(at('folder'), 'user.of the folder', Buffer.from('x'))
  await link(at('file.txt'), at('folder/hard link'))
  set(at('sd'), 'system.ntfs_acl', Buffer.from(DESCRIPTOR, 'hex'))
  set(at('attributes'), 'system.ntfs_attrib', Buffer.from([0x27, 0, 0, 0]))
  set(at('a long name.txt'), 'system.ntfs_dos_name', Buffer.from('ALONGN~1.TXT'))
  set(at('oid'), 'system.ntfs_object_id', Buffer.from('00112233445566778899aabbccddeeff', 'hex'))
  await mkdir(at('junction'))
  const names = ['\\??\\C:\\target', 'C:\\target'].map((name) => Buffer.from(`${name}\0`, 'utf16le'))
  const [substitute = Buffer.alloc(0), print = Buffer.alloc(0)] = names
  const lengths = [0, substitute.length - 2, substitute.length, print.length - 2]
  const buffer = Buffer.concat([Buffer.from(Uint16Array.from(lengths).buffer), substitute, print])
  set(at('junction'), 'system.ntfs_reparse_data', withHead(0xa0000003, buffer))
  set(at('other'), 'system.ntfs_reparse_data', withHead(0x80000013, Buffer.alloc(20, 17)))
  return buffer
}

function withHead(tag: number, buffer: Buffer): Buffer {
  const head = Buffer.alloc(8)
  head.writeUInt32LE(tag, 0)
  head.writeUInt16LE(buffer.length, 4)
  return Buffer.concat([head, buffer])
}

function set(file: string, name: string, value: Buffer): void {
  const text = value.length > 0 ? `0x${value.toString('hex')}` : ''
  runPeer('setfattr', ['-n', name, '-v', text, file])
}

function attribute(file: string, name: string): Buffer {
  const program = peer('getfattr') ?? ''
  return spawnSync(program, ['--absolute-names', '--only-values', '-n', name, file]).stdout
}
