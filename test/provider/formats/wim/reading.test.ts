import { createHash } from 'node:crypto'
import { closeSync, copyFileSync, mkdirSync, openSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import {
  openWim,
  readBlobs,
  readTree,
  verifyWim,
  type Wim,
  type WimEntry,
  walkTree,
  writeBlobs,
} from '../../../../provider/formats/wim/index.js'
import { install } from '../../../../provider/index.js'
import { describeWithPeers } from '../../../peers/peers.js'
import { scratch } from '../../../scratch.js'
import { listTree, makeTree, type SourceFile } from './source-tree.js'
import { asWimlibShows, wimlib, wimlibBlobs, wimlibDir } from './wimlib.js'

const FORMS: [string, string[]][] = [
  ['not compressed', ['--compress=none']],
  ...[4096, 8192, 16384, 32768, 65536].map((size): [string, string[]] => [
    `XPRESS, chunks of ${size}`,
    ['--compress=XPRESS', `--chunk-size=${size}`],
  ]),
  ['LZX as it is made by default', ['--compress=LZX']],
  ...[32768, 65536, 131072, 262144, 524288, 1048576, 2097152].map((size): [string, string[]] => [
    `LZX, chunks of ${size}`,
    ['--compress=LZX:20', `--chunk-size=${size}`],
  ]),
  ['LZMS as it is made by default', ['--compress=LZMS']],
  ...[32768, 65536, 262144, 1048576, 4194304, 67108864].map((size): [string, string[]] => [
    `LZMS, chunks of ${size}`,
    ['--compress=LZMS:20', `--chunk-size=${size}`],
  ]),
  ['solid', ['--solid']],
  ...(
    [
      ['XPRESS', 4096],
      ['XPRESS', 65536],
      ['LZX', 32768],
      ['LZX', 2097152],
      ['LZMS', 32768],
      ['LZMS', 1048576],
      ['LZMS', 8388608],
    ] as const
  ).map(([type, size]): [string, string[]] => [
    `solid ${type}, chunks of ${size}`,
    ['--solid', `--solid-compress=${type}:20`, `--solid-chunk-size=${size}`],
  ]),
  ...['none', 'XPRESS', 'LZX:20', 'LZMS:20'].map((type): [string, string[]] => [
    `pipable, ${type}`,
    ['--pipable', `--compress=${type}`, '--check'],
  ]),
  ['with an integrity table', ['--compress=XPRESS', '--check', '--boot']],
]

describeWithPeers(['wimlib-imagex'], 'reading what wimlib captured', () => {
  const folders = scratch()
  let folder = ''
  let tree = ''
  let source: Map<string, SourceFile>
  let small = ''
  let smallSource: Map<string, SourceFile>

  before(async () => {
    folder = folders.folder()
    tree = path.join(folder, 'tree')
    small = path.join(folder, 'small')
    await makeTree(tree, { system: 5 << 20, program: 9 << 20 })
    await makeTree(small, { system: 1 << 20, program: 1 << 20 })
    source = await listTree(tree)
    smallSource = await listTree(small)
  })
  after(() => folders.remove())

  for (const [title, options] of FORMS)
    it(`gives back every file: ${title}`, async () => {
      const file = path.join(folder, 'form.wim')
      // wimlib makes a few megabytes of LZMS in a second.
      const slow = /LZMS|solid/.test(title)
      wimlib('capture', slow ? small : tree, file, 'form', '--norpfix', ...options)
      const expected = slow ? smallSource : source
      await withWim([file], (wim) => expectSource(wim, 1, expected, options.includes('--check')))
    })

  describe('one WIM', () => {
    let file = ''
    before(() => {
      file = path.join(folder, 'one.wim')
      wimlib(
        'capture',
        tree,
        file,
        'The name <&> "é"',
        'Words',
        '--compress=XPRESS',
        '--check',
        '--flags=ServerNano',
      )
    })

    it('shows each entry as wimlib does', async () => {
      await withWim([file], async (wim) => {
        const theirs = wimlibDir(file, 1)
        const { root } = await readTree(wim, 1)
        const ours = [root, ...walkTree(root)]
        expect(ours.map((entry) => entry.path).sort()).to.deep.equal([...theirs.keys()].sort())
        for (const entry of ours) {
          expect(asWimlibShows(entry, wim.blobs), entry.path).to.deep.equal(theirs.get(entry.path))
        }
      })
    })

    it('lists the blobs that wimlib lists', async () => {
      await withWim([file], async (wim) => {
        const ours = [...wim.blobs.values()].map(({ sha1, size, references }): [string, object] => [
          sha1,
          { size, references },
        ])
        expect(new Map(ours)).to.deep.equal(wimlibBlobs(file))
      })
    })

    it('reads the XML data', async () => {
      await withWim([file], async (wim) => {
        const info = wim.images[0]
        expect(info).to.include({
          index: 1,
          name: 'The name <&> "é"',
          description: 'Words',
          flags: 'ServerNano',
        })
        expect(info?.files).to.equal([...source.values()].filter((one) => !one.directory).length)
        expect(Number(info?.createdAt)).to.be.greaterThan(132_000_000_000_000_000)
      })
    })

    it('reads Windows facts and several images', async () => {
      const two = path.join(folder, 'two.wim')
      const small = path.join(tree, 'Ünïcödé 目录')
      wimlib('capture', path.join(tree, 'bin'), two, 'first', '--compress=XPRESS')
      const facts = [
        'ARCH=9',
        'PRODUCTNAME=P',
        'EDITIONID=ServerDatacenterNano',
        'INSTALLATIONTYPE=Nano Server',
      ]
      const version = ['MAJOR=10', 'MINOR=0', 'BUILD=14300', 'SPBUILD=1010', 'SPLEVEL=0']
      const languages = [
        'LANGUAGES/LANGUAGE[1]=en-US',
        'LANGUAGES/LANGUAGE[2]=de-DE',
        'LANGUAGES/DEFAULT=en-US',
      ]
      const properties = [...facts, ...version.map((one) => `VERSION/${one}`), ...languages]
      wimlib('append', small, two, 'second', ...properties.map((one) => `--image-property=WINDOWS/${one}`))
      await withWim([two], async (wim) => {
        expect(wim.images.map((one) => one.name)).to.deep.equal(['first', 'second'])
        expect(wim.images[1]?.windows).to.deep.equal({
          architecture: 'amd64',
          productName: 'P',
          editionId: 'ServerDatacenterNano',
          installationType: 'Nano Server',
          version: '10.0.14300.1010',
          servicePackLevel: 0,
          languages: ['en-US', 'de-DE'],
          defaultLanguage: 'en-US',
        })
        const names = [...walkTree((await readTree(wim, 2)).root)].map((entry) => entry.path)
        expect(names).to.deep.equal(['/emoji 🦜 – Ωμέγα.txt'])
      })
    })

    it('gives back every file after optimize and export', async () => {
      const recompressed = path.join(folder, 'recompressed.wim')
      wimlib('capture', small, recompressed, '--norpfix', '--compress=XPRESS')
      wimlib('optimize', recompressed, '--recompress', '--compress=LZX:20')
      wimlib('optimize', recompressed, '--recompress', '--compress=LZMS:20', '--check')
      await withWim([recompressed], (wim) => expectSource(wim, 1, smallSource, true))
      const esd = path.join(folder, 'exported.esd')
      wimlib('export', recompressed, '1', esd, '--solid', '--solid-compress=LZMS:20')
      await withWim([esd], (wim) => expectSource(wim, 1, smallSource, false))
    })

    it('reads blobs that were appended beside a solid resource', async () => {
      const mixed = path.join(folder, 'mixed.wim')
      wimlib('capture', path.join(small, 'bin'), mixed, 'bin', '--solid', '--solid-compress=LZMS:20')
      wimlib('append', small, mixed, 'all', '--norpfix', '--solid', '--solid-compress=LZMS:20')
      await withWim([mixed], (wim) => expectSource(wim, 2, smallSource, false))
    })

    it('reads a split set from any of its parts, and in any order', async () => {
      wimlib('split', file, path.join(folder, 'part.swm'), '1')
      const parts = readdirSync(folder).filter((name) => name.endsWith('.swm'))
      expect(parts.length).to.be.greaterThan(3)
      const paths = parts.map((name) => path.join(folder, name))
      await withWim([path.join(folder, 'part2.swm')], (wim) => expectSource(wim, 1, source, true))
      await withWim([...paths].reverse(), (wim) => expectSource(wim, 1, source, true))
    })

    it('names the parts of a split set that are missing', async () => {
      const paths = readdirSync(folder)
        .filter((name) => name.endsWith('.swm') && name !== 'part3.swm')
        .map((name) => path.join(folder, name))
      const error = await openWim(paths).catch((reason) => reason)
      expect(error).to.include({ code: 'BLOB_MISSING' })
      expect(error.message).to.contain('Part 3 of the').and.to.contain('part3.swm')
    })

    it('reads parts that were given other names, beside it or elsewhere, once in an install', async () => {
      const parts = readdirSync(folder).filter((name) => /^part\d*\.swm$/.test(name))
      const [here, there] = [path.join(folder, 'here'), path.join(folder, 'there')]
      for (const one of [here, there]) mkdirSync(one)
      const renamed = parts.map((name, i) => {
        const target = path.join(i === 1 ? there : here, `${'zyx'[i % 3]}-${i}.swm`)
        copyFileSync(path.join(folder, name), target)
        return target
      })
      const store = path.join(folder, 'store')
      const request = { name: 'x', version: '1.0', platform: 'windows/amd64', skipUnsupported: true, store }
      const error = await install({ targets: renamed.slice(2), ...request }).catch((reason) => reason)
      expect(error).to.include({ code: 'BLOB_MISSING' })
      const { images } = await install({ targets: [...renamed].reverse(), ...request })
      expect(images).to.have.length(1)
    })

    it('writes blobs at their places', async () => {
      await withWim([file], async (wim) => {
        const out = path.join(folder, 'out')
        const targets = []
        let position = 0
        for (const blob of wim.blobs.values()) {
          targets.push({ blob, positions: [position, position + blob.size] })
          position += 2 * blob.size
        }
        const fd = openSync(out, 'w')
        await writeBlobs(targets, fd).finally(() => closeSync(fd))
        const bytes = readFileSync(out)
        expect(bytes.length).to.equal(position)
        for (const { blob, positions } of targets)
          for (const at of positions)
            expect(sha1(bytes.subarray(at, at + blob.size)), `${at}`).to.equal(blob.sha1)
      })
    })

    it('stops when it is told to, and leaves no worker behind', async () => {
      await withWim([file], async (wim) => {
        const stop = new AbortController()
        const read = async () => {
          for await (const _ of readBlobs(wim.blobs.values(), { signal: stop.signal })) stop.abort()
        }
        const error = await read().catch((reason) => reason)
        expect(error).to.include({ code: 'INTERRUPTED' })
      })
    })

    it('can be left in the midst of reading', async () => {
      await withWim([file], async (wim) => {
        for await (const piece of readBlobs(wim.blobs.values())) if (piece.last) break
        const report = await verifyWim(wim)
        expect(report.problems).to.deep.equal([])
      })
    })

    it('waits for a slow reader without reading on', async () => {
      await withWim([file], async (wim) => {
        const reading = readBlobs(wim.blobs.values())
        const first = await reading.next()
        if (first.done) throw new Error('nothing was read')
        const copy = Buffer.from(first.value.bytes)
        await new Promise((resolve) => setTimeout(resolve, 50))
        expect(first.value.bytes.equals(copy)).to.equal(true)
        await reading.return()
      })
    })
  })

  it('keeps UNIX owner, mode and device', async () => {
    const file = path.join(folder, 'unix.wim')
    wimlib('capture', path.join(tree, 'bin'), file, '--unix-data', '--compress=XPRESS')
    await withWim([file], async (wim) => {
      const { root } = await readTree(wim, 1)
      for (const entry of walkTree(root)) expect(entry.unix?.mode, entry.path).to.equal(0o100644)
      expect(root.unix?.mode).to.equal(0o40755)
      expect(root.unix?.uid).to.equal(process.getuid?.())
    })
  })
})

async function withWim(files: string[], use: (wim: Wim) => Promise<void>): Promise<void> {
  const wim = await openWim(files)
  try {
    await use(wim)
  } finally {
    await wim.close()
  }
}

/** Reads everything and compares it with the files on disk. */
async function expectSource(
  wim: Wim,
  image: number,
  source: Map<string, SourceFile>,
  integrity: boolean,
): Promise<void> {
  const { root, linkGroups } = await readTree(wim, image)
  const entries = [root, ...walkTree(root)]
  expect(entries.map((entry) => entry.path).sort()).to.deep.equal([...source.keys()].sort())
  const targets = await readTargets(wim, entries)
  const firstNames = new Map(
    [...linkGroups].map(([group, names]) => [group, names.map((entry) => entry.path).sort(bytewise)[0]]),
  )
  for (const entry of entries) {
    const ours: SourceFile = {
      path: entry.path,
      directory: entry.isDirectory && !entry.isReparsePoint,
      size: entry.sha1 === undefined ? 0 : (wim.blobs.get(entry.sha1)?.size ?? -1),
      writtenAt: entry.writtenAt,
    }
    if (entry.sha1 !== undefined) ours.sha1 = entry.sha1
    const linkedTo = firstNames.get(entry.linkGroup)
    if (linkedTo !== undefined) ours.linkedTo = linkedTo
    const target = targets.get(entry)
    if (target !== undefined) ours.target = target
    const theirs = source.get(entry.path)
    const first = theirs?.linkedTo === undefined ? {} : { linkedTo: firstOfGroup(source, theirs.linkedTo) }
    expect(ours, entry.path).to.deep.equal({ ...theirs, ...first })
  }
  const report = await verifyWim(wim)
  expect(report.problems).to.deep.equal([])
  expect(report.blobs).to.equal(wim.blobs.size)
  expect(report.integrityTables).to.equal(integrity ? wim.parts.length : 0)
  // What the reader calls checked is checked here once more, over the bytes that it gives.
  const hashes = new Map<string, ReturnType<typeof createHash>>()
  for await (const { blob, bytes, last } of readBlobs(wim.blobs.values())) {
    const hash = hashes.get(blob.sha1) ?? createHash('sha1')
    hashes.set(blob.sha1, hash.update(bytes))
    if (last) expect(hash.digest('hex')).to.equal(blob.sha1)
  }
  expect(hashes.size).to.equal(wim.blobs.size)
}

function firstOfGroup(source: Map<string, SourceFile>, linkedTo: string): string | undefined {
  return [...source.values()]
    .filter((one) => one.linkedTo === linkedTo)
    .map((one) => one.path)
    .sort(bytewise)[0]
}

function bytewise(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** The targets of symlinks, out of their reparse buffers ([MS-FSCC] 2.1.2.4). */
async function readTargets(wim: Wim, entries: WimEntry[]): Promise<Map<WimEntry, string>> {
  const buffers = new Map<string, Buffer>()
  const wanted = entries.flatMap(({ reparseSha1 }) => wim.blobs.get(reparseSha1 ?? '') ?? [])
  for await (const { blob, bytes } of readBlobs(wanted, { workers: 0 }))
    buffers.set(blob.sha1, Buffer.from(bytes))
  const targets = new Map<WimEntry, string>()
  for (const entry of entries) {
    const buffer = buffers.get(entry.reparseSha1 ?? '')
    if (!buffer) continue
    expect(entry.reparsePoint?.tag).to.equal(0xa000000c)
    const at = 12 + buffer.readUInt16LE(4)
    const name = buffer.toString('utf16le', at, at + buffer.readUInt16LE(6))
    targets.set(entry, name.replaceAll('\\', '/'))
  }
  return targets
}

function sha1(bytes: Buffer): string {
  return createHash('sha1').update(bytes).digest('hex')
}
