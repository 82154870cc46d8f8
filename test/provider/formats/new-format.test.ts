import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect } from 'chai'
import { save as command } from '../../../cli/commands/save.js'
import { hasCode } from '../../../manifests/index.js'
import type { Member, Members } from '../../../provider/archives/members/members.js'
import type { Format } from '../../../provider/formats/format.js'
import { openPath } from '../../../provider/formats/open/open-path.js'
import { savedFormats } from '../../../provider/formats/open/saved-formats.js'
import { FORMATS } from '../../../provider/formats/open/table.js'
import { readRange } from '../../../provider/io/files/read-range.js'
import { verify } from '../../../provider/verbs/verify/verify.js'
import { makeSample, type Sample } from '../../fixtures/sample.js'

/** The header of a member in cpio's newc format: fourteen numbers in hex, of which these are needed. */
const HEADER = 110
const MODE = 1
const SIZE = 6
const NAME_SIZE = 11

const upToFour = (count: number): number => Math.ceil(count / 4) * 4

/** All that has to be written for a format that is only read: what its files begin with, and its members. */
const cpio: Format = {
  name: 'cpio',
  endings: ['.cpio'],
  at({ path: file, start }) {
    if (Buffer.from(start.subarray(0, 6)).toString('latin1') !== '070701') return undefined
    return { around: 'archive', members: async () => cpioMembers(file) }
  },
}

function cpioMembers(file: string): Members {
  const index = indexOf(readFileSync(file))
  const locate = async (name: string) => {
    const found = index.get(name)
    return found && { path: file, offset: found.offset, size: found.size }
  }
  return {
    label: file,
    forwardOnly: false,
    find: async (name) => index.get(name),
    list: async () => [...index.values()],
    async *read(name, options) {
      const range = await locate(name)
      if (range) yield* readRange(range, options)
    },
    locate,
    position: (name) => index.get(name)?.offset ?? 0,
    close: async () => {},
  }
}

function indexOf(bytes: Buffer): Map<string, Member & { offset: number }> {
  const members = new Map<string, Member & { offset: number }>()
  for (let at = 0; at < bytes.length; ) {
    const header = at
    const field = (i: number): number =>
      Number.parseInt(bytes.toString('latin1', header + 6 + 8 * i, header + 14 + 8 * i), 16)
    const nameEnd = at + HEADER + field(NAME_SIZE)
    const name = bytes.toString('utf8', at + HEADER, nameEnd - 1)
    if (name === 'TRAILER!!!') break
    const offset = upToFour(nameEnd)
    const isFolder = (field(MODE) & 0o170000) === 0o040000
    members.set(name, { name, kind: isFolder ? 'folder' : 'file', size: field(SIZE), offset })
    at = upToFour(offset + field(SIZE))
  }
  return members
}

function cpioOf(folder: string): Buffer {
  const names = (readdirSync(folder, { recursive: true }) as string[]).sort()
  const entries = names.map((name) => {
    const isFolder = statSync(path.join(folder, name)).isDirectory()
    const bytes = isFolder ? Buffer.alloc(0) : readFileSync(path.join(folder, name))
    return entry(name.split(path.sep).join('/'), isFolder ? 0o040755 : 0o100644, bytes)
  })
  return Buffer.concat([...entries, entry('TRAILER!!!', 0, Buffer.alloc(0))])
}

function entry(name: string, mode: number, bytes: Buffer): Buffer {
  const numbers = Array.from({ length: 13 }, () => 0)
  numbers[MODE] = mode
  numbers[SIZE] = bytes.length
  numbers[NAME_SIZE] = name.length + 1
  const head = `070701${numbers.map((number) => number.toString(16).padStart(8, '0')).join('')}${name}\0`
  const padded = (part: Buffer): Buffer =>
    Buffer.concat([part, Buffer.alloc(upToFour(part.length) - part.length)])
  return Buffer.concat([padded(Buffer.from(head)), padded(bytes)])
}

describe('A format that is added by one line of the table', () => {
  let folder: string
  let file: string
  let sample: Sample

  before(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'new-format-'))
    sample = makeSample(folder)
    file = path.join(folder, 'sample.cpio')
    writeFileSync(file, cpioOf(sample.folder))
  })
  after(() => rmSync(folder, { recursive: true }))
  beforeEach(() => {
    FORMATS.splice(-1, 0, cpio)
  })
  afterEach(() => {
    FORMATS.splice(FORMATS.indexOf(cpio), 1)
  })

  it('is opened, and has the images of the layout in it', async () => {
    const collection = await openPath(file)
    const roots = (await collection.images()).map(({ root }) => root.digest)
    await collection.close()
    expect(collection.format).to.equal('OCI archive')
    expect(roots).to.include(sample.root.digest)
  })

  it('is verified: whole, and with one byte changed', async () => {
    const whole = await verify({ paths: [file] })
    expect(whole.problems).to.deep.equal([])
    expect(whole.blobs).to.be.greaterThan(3)
    const bytes = readFileSync(file)
    const at = bytes.indexOf(
      readFileSync(path.join(sample.folder, 'blobs', 'sha256', sample.root.digest.slice(7))),
    )
    bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at)
    const bad = path.join(folder, 'bad.cpio')
    writeFileSync(bad, bytes)
    expect((await verify({ paths: [bad] })).ok).to.equal(false)
  })

  it('is not known without its line', async () => {
    FORMATS.splice(FORMATS.indexOf(cpio), 1)
    try {
      const error = await openPath(file).catch((thrown) => thrown)
      expect(hasCode(error, 'ARCHIVE_UNKNOWN')).to.equal(true)
    } finally {
      FORMATS.splice(-1, 0, cpio)
    }
  })

  it('is not a choice of --format as long as nothing writes it', () => {
    expect(savedFormats().map(({ name }) => name)).not.to.include('cpio')
  })
})

describe('The choices of --format', () => {
  it('are what the table says can be saved under a name', () => {
    const named = savedFormats().filter(({ saved }) => saved.isNamed)
    const { format } = command.options ?? {}
    expect(format && 'values' in format && format.values).to.deep.equal(named.map(({ name }) => name))
  })
})
