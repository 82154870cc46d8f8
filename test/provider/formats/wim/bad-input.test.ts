import { mkdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect } from 'chai'
import { ContainerImageError } from '../../../../manifests/index.js'
import { openWim, readTree, verifyWim } from '../../../../provider/formats/wim/index.js'
import { parseXml } from '../../../../provider/formats/wim/read/xml.js'
import { describeWithPeers } from '../../../peers/peers.js'
import { scratch } from '../../../scratch.js'
import { entryOf, metadataEntries, metadataOf, seal, smallWims } from './small-wims.js'
import { wimlib } from './wimlib.js'

const CODES = ['ARCHIVE_INVALID', 'DIGEST_MISMATCH', 'UNSAFE_NAME', 'BLOB_MISSING']

describeWithPeers(['wimlib-imagex'], 'a damaged WIM', () => {
  const folders = scratch()
  let folder = ''
  let wims: Map<string, Buffer[]>

  before(async () => {
    folder = folders.folder()
    wims = await smallWims(folder)
  })
  after(() => folders.remove())

  /** What is wrong with it: what opening throws, or what verifying finds. */
  async function problems(...files: Buffer[]): Promise<ContainerImageError[]> {
    const paths = files.map((_, i) => path.join(folder, `damaged${i > 0 ? i + 1 : ''}.wim`))
    await Promise.all(files.map((bytes, i) => writeFile(paths[i] ?? '', bytes)))
    try {
      const wim = await openWim(paths)
      try {
        return (await verifyWim(wim, { workers: 0 })).problems
      } finally {
        await wim.close()
      }
    } catch (error) {
      if (!(error instanceof ContainerImageError)) throw error
      return [error]
    }
  }

  /** The one problem of a WIM whose uncompressed metadata was changed, and its hash corrected. */
  async function treeProblem(change: (metadata: Buffer) => void): Promise<ContainerImageError | undefined> {
    const wim = Buffer.from(copyOf('none'))
    change(metadataOf(wim))
    return (await problems(seal(wim)))[0]
  }

  function copyOf(kind: string): Buffer {
    return Buffer.from(wims.get(kind)?.[0] ?? '')
  }

  it('is none as long as nothing was changed', async () => {
    for (const [kind, files] of wims) expect(await problems(...files), kind).to.deep.equal([])
  })

  it('is found wherever the file was cut off', async () => {
    for (const [kind, [whole = Buffer.alloc(0), ...others]] of wims) {
      const places = new Set([0, 1, 7, 8, 100, 207, 208, 209, whole.length - 1])
      for (const at of [0x30, 0x48, 0x7c]) {
        const start = Number(whole.readBigUInt64LE(at + 8))
        for (const edge of [start, start + whole.readUIntLE(at, 6)])
          for (const place of [edge - 1, edge, edge + 1])
            if (place > 0 && place < whole.length) places.add(place)
      }
      for (let place = 0; place < whole.length; place += Math.ceil(whole.length / 40)) places.add(place)
      for (const place of places) {
        const [first] = await problems(whole.subarray(0, place), ...others)
        expect(first?.code, `${kind} cut at ${place}`).to.be.oneOf(CODES)
        expect(first?.message).to.match(/^damaged\d?\.wim: .+\.$/)
      }
    }
  })

  it('is found in every bit of chunks and trees', async () => {
    for (const [kind, [whole = Buffer.alloc(0), ...others]] of wims) {
      const table = Number((kind === 'pipable' ? whole.subarray(-208) : whole).readBigUInt64LE(0x38))
      const start = kind === 'pipable' ? 1100 : 220
      const step = Math.ceil((table - start) / 60)
      let unnoticed = 0
      for (let at = start; at < table; at += step) {
        const bad = Buffer.from(whole)
        bad[at] = (bad[at] ?? 0) ^ (1 << (at % 8))
        const found = await problems(bad, ...others)
        for (const problem of found) expect(problem.code).to.be.oneOf(CODES)
        if (found.length === 0) unnoticed++
      }
      // Bits that fill up a chunk, and the heads that wimlib puts between pipable resources, decide nothing.
      expect(unnoticed, kind).to.be.lessThan(4)
    }
  })

  it('is refused or read all the same, but nothing else, whatever the header and tables say', async () => {
    for (const [kind, [whole = Buffer.alloc(0), ...others]] of wims) {
      const table = Number(whole.readBigUInt64LE(0x38))
      const step = ['none', 'lzx', 'solid-xpress'].includes(kind) ? 1 : 9
      const places: number[] = []
      for (let i = 0; i < 0x94; i += step) places.push(i)
      for (let i = 0; i < 600; i += 6 * step + 1)
        if (table > 0 && table + i < whole.length) places.push(table + i)
      for (const at of places)
        for (const value of [0, 0xff]) {
          const bad = Buffer.from(whole)
          bad[at] = value
          for (const problem of await problems(bad, ...others))
            expect(problem.code, `${at}`).to.be.oneOf(CODES)
        }
    }
  })

  it('names file, resource and offset', async () => {
    const bad = copyOf('lzx')
    const at = 300
    bad[at] = (bad[at] ?? 0) ^ 0x55
    const [problem] = await problems(bad)
    expect(problem?.message).to.match(/^damaged\.wim: resource [0-9a-f]{40} at offset \d+: /)
    expect(problem?.details).to.include.keys('file', 'resource', 'offset')
  })

  it('may not claim to expand without end', async () => {
    for (const kind of ['xpress', 'lzx', 'lzms']) {
      const bad = copyOf(kind)
      const [entry = 0] = metadataEntries(bad)
      bad.writeBigUInt64LE(1n << 45n, entry + 16)
      const [problem] = await problems(bad)
      expect(problem, kind).to.include({ code: 'ARCHIVE_INVALID' })
      bad.writeBigUInt64LE(BigInt(bad.readUIntLE(entry, 6)) * 100_000n, entry + 16)
      expect((await problems(bad))[0], kind).to.include({ code: 'ARCHIVE_INVALID' })
    }
    const solid = copyOf('solid-lzms')
    const table = Number(solid.readBigUInt64LE(0x38))
    let run = table
    while (((solid[run + 7] ?? 0) & 0x10) === 0 || solid.readBigUInt64LE(run + 16) !== 1n << 32n) run += 50
    const resource = Number(solid.readBigUInt64LE(run + 8))
    solid.writeBigUInt64LE(1n << 50n, resource)
    expect((await problems(solid))[0]).to.include({ code: 'ARCHIVE_INVALID' })
  })

  it('may not have thousands of blobs that lie over each other', async () => {
    const whole = copyOf('none')
    const table = Number(whole.readBigUInt64LE(0x38))
    const size = whole.readUIntLE(0x30, 6)
    const entries: Buffer[] = [whole.subarray(table, table + size)]
    for (let i = 0; i < 3000; i++) {
      const entry = Buffer.alloc(50)
      entry.writeUIntLE(150_000, 0, 6)
      entry.writeBigUInt64LE(208n, 8)
      entry.writeBigUInt64LE(150_000n, 16)
      entry.writeUInt16LE(1, 24)
      entry.writeUInt32LE(1, 26)
      entry.writeUInt32LE(i + 1, 30)
      entries.push(entry)
    }
    const bad = Buffer.concat([whole, ...entries])
    bad.writeUIntLE(size + 150_000, 0x30, 6)
    bad.writeBigUInt64LE(BigInt(whole.length), 0x38)
    const [problem] = await problems(bad)
    expect(problem).to.include({ code: 'ARCHIVE_INVALID' })
    expect(problem?.message).to.contain('over each other')
  })

  it('may not have a directory that contains itself', async () => {
    const problem = await treeProblem((metadata) => {
      const folderEntry = entryOf(metadata, 'folder')
      const inner = entryOf(metadata, 'inner')
      metadata.copy(metadata, inner + 0x10, folderEntry + 0x10, folderEntry + 0x18)
    })
    expect(problem).to.include({ code: 'ARCHIVE_INVALID' })
    expect(problem?.message).to.contain('metadata of image 1 at offset').and.to.contain('/folder/inner')
  })

  it('may not have two directories that share what is in them', async () => {
    const tree = path.join(folder, 'siblings')
    for (const name of ['first', 'second', 'third']) {
      await mkdir(path.join(tree, name), { recursive: true })
      await writeFile(path.join(tree, name, `file of ${name}`), name)
    }
    const file = path.join(folder, 'siblings.wim')
    wimlib('capture', tree, file, 'siblings', '--compress=none')
    const whole = await readFile(file)
    expect(await problems(whole)).to.deep.equal([])
    for (const [one, other] of [
      ['first', 'second'],
      ['second', 'first'],
      ['third', 'first'],
    ] as const) {
      const wim = Buffer.from(whole)
      const metadata = metadataOf(wim)
      const [from, to] = [entryOf(metadata, one), entryOf(metadata, other)]
      metadata.copy(metadata, to + 0x10, from + 0x10, from + 0x18)
      const [problem] = await problems(seal(wim))
      expect(problem).to.include({ code: 'ARCHIVE_INVALID' })
      expect(problem?.message).to.contain('are those of another directory')
    }
  })

  it('may not have children outside of the metadata', async () => {
    for (const place of [1n << 40n, 3n, (1n << 64n) - 8n]) {
      const problem = await treeProblem((metadata) =>
        metadata.writeBigUInt64LE(place, entryOf(metadata, 'inner') + 0x10),
      )
      expect(problem?.code, `${place}`).to.equal('ARCHIVE_INVALID')
    }
  })

  for (const [what, name] of [
    ['leads up', '..\0\0\0'],
    ['is a dot', '.\0\0\0\0'],
    ['has a slash', 'no/se'],
    ['has a backslash', 'no\\se'],
    ['has a NUL', 'no\0se'],
  ] as const)
    it(`may not have a name that ${what}`, async () => {
      const problem = await treeProblem((metadata) => {
        const at = entryOf(metadata, 'noise')
        metadata.write(name, at + 0x66, 'utf16le')
        const length = name.replace(/\0+$/, '').length
        metadata.writeUInt16LE(2 * length, at + 0x64)
      })
      expect(problem?.code).to.equal('UNSAFE_NAME')
      expect(problem?.message).to.contain('offset')
    })

  it('may not have an entry without a name', async () => {
    const problem = await treeProblem((metadata) =>
      metadata.writeUInt16LE(0, entryOf(metadata, 'noise') + 0x64),
    )
    expect(problem).to.include({ code: 'UNSAFE_NAME' })
  })

  it('may not have two entries of one name', async () => {
    const problem = await treeProblem((metadata) => {
      metadata.write('short', entryOf(metadata, 'empty') + 0x66, 'utf16le')
    })
    expect(problem).to.include({ code: 'UNSAFE_NAME' })
  })

  it('may not have names that differ only in case where that is asked for', async () => {
    const wim = copyOf('none')
    metadataOf(wim).write('SHORT', entryOf(metadataOf(wim), 'empty') + 0x66, 'utf16le')
    const file = path.join(folder, 'case.wim')
    await writeFile(file, seal(wim))
    const open = await openWim(file)
    await readTree(open, 1)
    const error = await readTree(open, 1, { refuseCaseCollisions: true }).catch((reason) => reason)
    await open.close()
    expect(error).to.include({ code: 'UNSAFE_NAME' })
    expect(error.message).to.contain('upper and lower case')
  })

  it('may not have a hard link that lost its content, whatever its other names have', async () => {
    const problem = await treeProblem((metadata) =>
      metadata.fill(7, entryOf(metadata, 'other name') + 0x40, entryOf(metadata, 'other name') + 0x54),
    )
    expect(problem).to.include({ code: 'BLOB_MISSING' })
    expect(problem?.message).to.contain('/folder/other name')
  })

  it('may not refer to content that is not there', async () => {
    const problem = await treeProblem((metadata) =>
      metadata.fill(7, entryOf(metadata, 'short') + 0x40, entryOf(metadata, 'short') + 0x54),
    )
    expect(problem).to.include({ code: 'BLOB_MISSING' })
    expect(problem?.message).to.contain('/folder/inner/short')
  })

  it('may not have streams or names longer than their entries', async () => {
    for (const [offset, value] of [
      [0x60, 0xffff],
      [0x62, 0xfffe],
      [0x64, 0x7ffe],
      [0x0c, 99],
      [0x00, 0xfff8],
      [0x00, 103],
    ] as const) {
      const problem = await treeProblem((metadata) =>
        metadata.writeUInt16LE(value, entryOf(metadata, 'noise') + offset),
      )
      expect(problem?.code, `${offset}`).to.equal('ARCHIVE_INVALID')
    }
  })

  it('may not mix the parts of two sets', async () => {
    const [first = Buffer.alloc(0), second = Buffer.alloc(0), ...others] = wims.get('split') ?? []
    const other = Buffer.from(second)
    other.fill(1, 0x18, 0x28)
    expect((await problems(first, other, ...others))[0]).to.include({ code: 'ARCHIVE_INVALID' })
    expect((await problems(first, first, ...others))[0]).to.include({ code: 'ARCHIVE_INVALID' })
  })

  it('is found by its integrity table even where no file is touched', async () => {
    const bad = copyOf('xpress')
    const table = Number(bad.readBigUInt64LE(0x38))
    bad[table + 26] = 99
    const [problem] = await problems(bad)
    expect(problem).to.include({ code: 'DIGEST_MISMATCH' })
    expect(problem?.message).to.contain('integrity table')
  })

  it('that claims 64 MiB chunks needs no more memory than it fills', async () => {
    const before = process.memoryUsage.rss()
    const bad = copyOf('solid-lzms')
    await problems(bad)
    expect(process.memoryUsage.rss() - before).to.be.lessThan(100 << 20)
  })
})

describe('XML data', () => {
  const read = (text: string) =>
    parseXml(Buffer.from(`\ufeff${text}`, 'utf16le'), { file: 'f', resource: 'XML data' })

  it('is read with attributes, text, comments and the entities that XML itself has', () => {
    const root = read(
      '<?xml version="1.0"?><A x="1" y=\'&lt;2\'>a<!-- <b> --><B/>&amp;&#x41;&#66;<![CDATA[<&]]></A >',
    )
    expect(root.attributes.get('y')).to.equal('<2')
    expect(root.text).to.equal('a&AB<&')
    expect(root.children.map((one) => one.name)).to.deep.equal(['B'])
  })

  for (const [what, text] of [
    ['a document type', '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'],
    ['an entity of its own', '<a>&b;</a>'],
    ['an entity without an end', '<a>&amp</a>'],
    ['the character NUL', '<a>&#0;</a>'],
    ['an element that is not closed', '<a><b></a>'],
    ['an element that closes too much', '<a></a></a>'],
    ['no element', 'words'],
    ['nothing', ''],
    ['two documents', '<a/><b/>'],
    ['text outside', '<a/>words'],
    ['a tag without an end', '<a'],
    ['an attribute twice', '<a b="1" b="2"/>'],
    ['a comment without an end', '<a><!-- </a>'],
    ['deep nesting', '<a>'.repeat(40) + '</a>'.repeat(40)],
  ] as const)
    it(`is refused with ${what}`, () => {
      expect(() => read(text))
        .to.throw(ContainerImageError)
        .with.property('code', 'ARCHIVE_INVALID')
    })

  it('is refused with an odd number of bytes', () => {
    expect(() => parseXml(Buffer.alloc(3), { file: 'f', resource: 'XML data' })).to.throw(ContainerImageError)
  })

  it('is read in time that grows with its length only', () => {
    const times = 1_000_000
    expect(() => read(`<x>${'<a b="'.repeat(times)}`)).to.throw(ContainerImageError)
    expect(() => read(`<x ${'a '.repeat(times)}>`)).to.throw(ContainerImageError)
    expect(() => read(`<x>${'&amp;'.repeat(times)}`)).to.throw(ContainerImageError)
  })
})
