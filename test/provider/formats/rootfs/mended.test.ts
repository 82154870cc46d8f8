import { execFileSync, spawnSync } from 'node:child_process'
import { linkSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect } from 'chai'
import { ContainerImageError } from '../../../../manifests/index.js'
import { fileCursor } from '../../../../provider/archives/members/cursor.js'
import { type TarEntry, tarEntries } from '../../../../provider/archives/members/tar-entries.js'
import { LAST_SECOND } from '../../../../provider/formats/rootfs/held-times.js'
import { rootfsSource } from '../../../../provider/formats/rootfs/source.js'
import { install, verify } from '../../../../provider/index.js'
import { onPath } from '../../../peers/peers.js'
import { scratch } from '../../../scratch.js'
import { file, folder, hardLink, layerOf, symlink } from '../../../security/hostile-layers.js'
import { type HostileMember, longName, member, pax } from '../../../security/tar-builder.js'

const OPTIONS = { name: 'demo', version: '1', platform: 'linux/amd64' }

/** Enough for a name, a version and a platform. */
const SYSTEM = [
  folder('etc/'),
  file('etc/os-release', 'ID=demo\nVERSION_ID=1\n'),
  { name: 'bin/sh', bytes: program() },
]
const NAMES = ['etc/', 'etc/os-release', 'bin/sh']

function program(): Buffer {
  const head = Buffer.alloc(64)
  head.write('\x7fELF\x02\x01', 'latin1')
  head.writeUInt16LE(62, 18)
  return head
}

describe('the tarball of a root filesystem that no engine takes as it is', () => {
  const folders = scratch()
  after(() => folders.remove())

  /** What of it becomes of each name, and what is told; every verb takes it. */
  async function mended(
    tar: Buffer,
  ): Promise<{ entries: Map<string, TarEntry>; layer: Buffer; notes: string[] }> {
    const above = folders.folder()
    const store = path.join(above, 'store')
    const digests = new Set<string>()
    for (const [name, bytes] of [
      ['rootfs.tar', tar],
      ['rootfs.tar.gz', gzipSync(tar)],
    ] as const) {
      const target = path.join(above, name)
      writeFileSync(target, bytes)
      const { images } = await install({ targets: [target], store, ...OPTIONS })
      digests.add(images[0]?.digest ?? '')
    }
    expect((await verify({ store })).problems).to.deep.equal([])
    // However the tarball is compressed, the layer is the same.
    expect(digests.size).to.equal(1)
    const source = await rootfsSource(path.join(above, 'rootfs.tar'), 'none', OPTIONS)
    const [digest = ''] = digests
    const blob = (of: string): string => path.join(store, 'blobs', ...of.split(':'))
    const layer = blob(JSON.parse(readFileSync(blob(digest), 'utf8')).layers[0].digest)
    const entries = new Map<string, TarEntry>()
    const cursor = fileCursor(layer)
    for await (const entry of tarEntries(cursor, layer)) {
      expect(entries.has(entry.rawName), entry.rawName).to.equal(false)
      entries.set(entry.rawName, entry)
    }
    await cursor.close()
    return { entries, layer: readFileSync(layer), notes: source.notes?.() ?? [] }
  }

  async function refusal(tar: Buffer): Promise<ContainerImageError> {
    const target = path.join(folders.folder(), 'rootfs.tar')
    writeFileSync(target, tar)
    const error = await install({ targets: [target], store: folders.folder(), ...OPTIONS }).then(
      () => undefined,
      (reason) => reason,
    )
    expect(error).to.be.instanceOf(ContainerImageError)
    const { problems } = await verify({ paths: [target] })
    expect(problems.map(({ code }) => code)).to.deep.equal([error.code])
    return error
  }

  const root = (...members: (HostileMember | Buffer)[]): Buffer => layerOf(...SYSTEM, ...members)
  const text = (layer: Buffer, entry: TarEntry | undefined): string =>
    layer.toString('latin1', entry?.offset ?? 0, (entry?.offset ?? 0) + (entry?.size ?? 0))

  describe('because a name is in it twice: the last one counts', () => {
    for (const [what, members, kept] of [
      ['a file', [file('etc/a', 'first'), file('etc/a', 'last')], 'last'],
      ['three of a file', [file('etc/a', '1'), file('etc/a', '22'), file('etc/a', 'last')], 'last'],
      ['a file, spelled in two ways', [file('./etc/a', 'first'), file('etc/a', 'last')], 'last'],
      ['an empty file over a long one', [file('etc/a', 'x'.repeat(5000)), file('etc/a', '')], ''],
      [
        'a file and a link to itself, as GNU tar has it',
        [file('etc/a', 'it'), hardLink('etc/a', 'etc/a')],
        'it',
      ],
      ['a link and then a file', [symlink('etc/a', 'x'), file('etc/a', 'last')], 'last'],
      [
        'a file of a long name',
        [longName('etc/a'), file('y', 'first'), pax({ path: 'etc/a' }), file('z', 'last')],
        'last',
      ],
    ] as [string, (HostileMember | Buffer)[], string][])
      it(what, async () => {
        const { entries, layer, notes } = await mended(root(...members, file('etc/z', 'z')))
        expect([...entries.keys()]).to.deep.equal([...NAMES, 'etc/a', 'etc/z'])
        expect(text(layer, entries.get('etc/a'))).to.equal(kept)
        expect(text(layer, entries.get('etc/z'))).to.equal('z')
        expect(notes.join()).to.match(/: etc\/a is in it more than once; the last one counts\.$/)
      })

    it('a folder, which keeps what is in it', async () => {
      const { entries, notes } = await mended(root({ ...folder('etc/'), mode: 0o700 }, folder('./')))
      expect([...entries.keys()]).to.deep.equal(['etc/os-release', 'bin/sh', 'etc/', './'])
      expect(entries.get('etc/')?.header.mode).to.equal(0o700)
      expect(notes.join()).to.include('etc is in it more than once')
    })

    it('many of them, of which some are told', async () => {
      const names = ['a', 'b', 'c', 'd', 'e'].map((name) => file(`etc/${name}`, name))
      const { notes } = await mended(root(...names, ...names))
      expect(notes.join()).to.include('etc/a, etc/b, etc/c and 2 more are in it more than once')
    })

    it('all links to a file that is replaced are replaced too', async () => {
      const both = [file('etc/a', 'a'), hardLink('etc/b', 'etc/a')]
      const { entries } = await mended(root(...both, file('etc/a', 'new'), hardLink('etc/b', 'etc/a')))
      expect([...entries.keys()]).to.deep.equal([...NAMES, 'etc/a', 'etc/b'])
    })

    for (const [what, members] of Object.entries({
      'a link leads to the first one': [
        file('etc/a', 'old'),
        hardLink('etc/b', 'etc/a'),
        file('etc/a', 'new'),
      ],
      'one is a folder': [folder('etc/a/'), file('etc/a', 'new')],
      'the last is a folder': [file('etc/a', 'old'), folder('etc/a/')],
    }))
      it(`but not where something would be lost: ${what}`, async () => {
        expect(await refusal(root(...members))).to.include({ code: 'LAYER_INVALID' })
      })
  })

  describe('because of sparse files of the old kind: their holes are filled', () => {
    for (const [what, pieces, size] of [
      ['a hole alone', [], 1 << 20],
      ['a hole behind', [[0, 'first']], 100_000],
      ['a hole before', [[65_536, 'last']], 65_540],
      ['many pieces', Array.from({ length: 60 }, (_, i) => [i * 40_000, `piece ${i}`]), 60 * 40_000],
    ] as [string, [number, string][], number][])
      it(`as GNU tar writes them: ${what}`, async function () {
        if (process.platform !== 'linux' || onPath('tar') === undefined) this.skip()
        const from = folders.folder()
        mkdirSync(path.join(from, 'etc'))
        const name = `etc/${'sparse'.repeat(25)}`
        const plain = Buffer.alloc(size)
        for (const [at, words] of pieces) plain.write(words, at, 'latin1')
        execFileSync('truncate', ['-s', String(size), path.join(from, name)])
        for (const [at, words] of pieces)
          spawnSync('dd', [`of=${path.join(from, name)}`, 'bs=1', `seek=${at}`, 'conv=notrunc'], {
            input: words,
          })
        truncateSync(path.join(from, name), size)
        writeFileSync(path.join(from, 'etc/after'), 'after')
        linkSync(path.join(from, 'etc/after'), path.join(from, 'etc/link'))
        const args = ['--format=gnu', '--sparse', '--hole-detection=raw', '-cf', '-', '-C', from, 'etc']
        const tar = execFileSync('tar', args, { maxBuffer: 1 << 26 })
        const { entries, layer, notes } = await mended(tar)
        const entry = entries.get(name)
        expect(entry).to.include({ kind: 'file', isSparse: false, size })
        expect(layer.subarray(entry?.offset, (entry?.offset ?? 0) + size).equals(plain)).to.equal(true)
        expect(text(layer, entries.get('etc/after')) + text(layer, entries.get('etc/link'))).to.equal('after')
        expect(notes.join()).to.include('is a sparse file; its holes were filled')
      })

    /** The header of a sparse file with one piece. */
    const sparse = (at: number, count: number, size: number, bytes: Buffer): Buffer => {
      const all = member({ name: 'etc/s', type: 'S', bytes })
      all.fill(0, 345, 512)
      const number = (value: number): string => `${value.toString(8).padStart(11, '0')}\0`
      all.write(number(at) + number(count), 386, 'latin1')
      all.write(number(size), 483, 'latin1')
      const sum = all
        .subarray(0, 512)
        .reduce((total, byte, i) => total + (i >= 148 && i < 156 ? 32 : byte), 0)
      all.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
      return all
    }

    it('of which the map is right', async () => {
      const { entries, layer } = await mended(
        root(sparse(512, 3, 1000, Buffer.from('abc')), file('etc/z', 'z')),
      )
      expect(text(layer, entries.get('etc/s'))).to.equal(`${'\0'.repeat(512)}abc${'\0'.repeat(485)}`)
    })

    for (const [what, tar] of Object.entries({
      'more than the tar has': sparse(0, 9, 1000, Buffer.from('abc')),
      'bytes behind the end': sparse(999, 3, 1000, Buffer.from('abc')),
      'holes without measure': sparse(0, 3, 8 ** 11 - 1, Buffer.from('abc')),
    }))
      it(`but not where the map has ${what}`, async () => {
        expect(await refusal(root(tar))).to.include({ code: 'LAYER_INVALID' })
      })
  })

  describe('because of times out of range: they become the nearest', () => {
    const base256 = (first: number, rest: number): Buffer => Buffer.from([first, ...Array(11).fill(rest)])
    for (const [what, mtime, expected] of [
      ['far ahead', base256(0x80, 0xff), LAST_SECOND],
      ['far behind', base256(0xc0, 0), 0],
      ['no number', Buffer.from('zzzzzzzzzzz\0'), 0],
      ['negative, in octal', Buffer.from('-0000000001\0'), 0],
    ] as [string, Buffer, number][])
      it(`in a header: ${what}`, async () => {
        const { entries, notes } = await mended(root({ ...file('etc/a', 'a'), mtime }, file('etc/z', 'z')))
        expect(entries.get('etc/a')).to.include({ mtime: expected, size: 1 })
        expect(notes.join()).to.include('etc/a has a time out of range')
      })

    for (const [what, records, expected] of [
      ['far ahead', { mtime: '99999999999999999999' }, `${LAST_SECOND}`],
      ['far behind', { mtime: '-99999999999999999999.5', comment: 'x' }, '0'],
      ['no number', { mtime: 'abc', uid: '5' }, undefined],
      ['in the notation of floats', { mtime: '1e5' }, undefined],
    ] as [string, Record<string, string>, string | undefined][])
      it(`in a pax record: ${what}`, async () => {
        const { entries, notes } = await mended(root(pax(records), file('etc/a', 'a'), file('etc/z', 'z')))
        const found = entries.get('etc/a')?.records
        expect(found?.get('mtime')?.toString()).to.equal(expected)
        for (const [key, value] of Object.entries(records))
          if (key !== 'mtime') expect(found?.get(key)?.toString()).to.equal(value)
        expect(notes.join()).to.include('etc/a has a time out of range')
      })

    it('those that engines can read stay', async () => {
      const early = { ...file('etc/a', 'a'), mtime: Buffer.from([...Array(11).fill(0xff), 0xf0]) }
      const tar = root(
        early,
        pax({ mtime: '-5.25' }),
        file('etc/b', 'b'),
        pax({ atime: '' }),
        file('etc/c', ''),
      )
      const target = path.join(folders.folder(), 'rootfs.tar')
      writeFileSync(target, tar)
      const source = await rootfsSource(target, 'none', OPTIONS)
      expect(source.notes?.()).to.deep.equal([])
      expect((await verify({ paths: [target] })).problems).to.deep.equal([])
    })
  })

  it('keeps names apart that differ in bytes that are not UTF-8', async () => {
    const latin = ['etc/\xe9', 'etc/\xe8', 'etc/\xed\xa0\x80', 'etc/\xed\xa0\x81'].map((name) => ({
      name: Buffer.from(name, 'latin1'),
      bytes: Buffer.from(name, 'latin1'),
    }))
    const { entries, layer, notes } = await mended(root(...latin, file('etc/a', '1'), file('etc/a', '2')))
    expect(entries.size).to.equal(NAMES.length + 5)
    for (const { name } of latin) expect(layer.includes(name)).to.equal(true)
    expect(notes.join()).to.match(/: etc\/a is in it more than once; the last one counts\.$/)
  })

  describe('because of a hard link to nothing: it is refused', () => {
    for (const [what, members] of Object.entries({
      'to what is not in it': [hardLink('etc/a', 'etc/b')],
      'to what comes after it': [hardLink('etc/a', 'etc/b'), file('etc/b', 'b')],
      'to itself': [hardLink('./etc/a', 'etc/a')],
    }))
      it(what, async () => {
        expect(await refusal(root(...members))).to.include({ code: 'LAYER_INVALID', side: 'source' })
      })

    it('not where it leads there by way of a symbolic link', async () => {
      const lib = [
        folder('usr/lib/'),
        symlink('lib', 'usr/lib'),
        file('usr/lib/a', 'a'),
        hardLink('b', 'lib/a'),
      ]
      const { entries } = await mended(root(...lib, file('etc/a', '1'), file('etc/a', '2')))
      expect([...entries.keys()]).to.include('b')
    })
  })

  it('because of contiguous files: they become files', async () => {
    const { entries, layer, notes } = await mended(
      root({ ...file('etc/a', 'a'), type: '7' }, file('etc/z', 'z')),
    )
    expect(entries.get('etc/a')?.header.type).to.equal('0')
    expect(text(layer, entries.get('etc/a')) + text(layer, entries.get('etc/z'))).to.equal('az')
    expect(notes.join()).to.include('etc/a is a contiguous file')
  })

  for (const [what, tar] of Object.entries({
    'an owner that is not a number': root(pax({ uid: '99999999999999999999' }), file('etc/a', 'a')),
    'a type that nobody knows': root({ ...file('etc/a', ''), type: 'Z' }),
    'a whiteout without a name': root(file('etc/.wh.', '')),
  }))
    it(`is refused for ${what}`, async () => {
      expect((await refusal(tar)).code).to.be.oneOf(['LAYER_INVALID', 'ARCHIVE_INVALID', 'UNSAFE_NAME'])
    })
})
