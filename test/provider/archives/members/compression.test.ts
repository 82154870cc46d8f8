import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { expect } from 'chai'
import { digestOf } from '../../../../manifests/index.js'
import { compressionOf, decompressed } from '../../../../provider/archives/members/compression.js'
import { onPath } from '../../../peers/peers.js'

/** Machine code, as filters look for it, and what has no pattern behind it. */
const PLAIN = Buffer.concat([readFileSync(process.execPath).subarray(4 << 20, (4 << 20) + 700_001), noise()])

function noise(): Buffer {
  const bytes = Buffer.alloc(300_000)
  let state = 1
  for (let i = 0; i < bytes.length; i++) {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0
    bytes[i] = state >>> 16
  }
  // Calls of ARM, Thumb, PowerPC, SPARC and ARM64, and bundles of IA-64.
  for (let at = 0; at < 120_000; at += 24) {
    bytes[at + 3] = 0xeb
    bytes.writeUInt32BE((0x48000001 | ((at * 64) & 0x3fffffc)) >>> 0, at + 4)
    bytes.writeUInt32BE((0x40000000 | (at & 0x3fffff)) >>> 0, at + 8)
    bytes.writeUInt32LE((0x94000000 | at) >>> 0, at + 12)
    bytes.writeUInt32LE((0x90000000 | ((at & 0xffff) << 5)) >>> 0, at + 16)
    bytes.set([at & 0xff, 0xf1, at & 0xff, 0xf9], at + 20)
  }
  for (let at = 120_000; at < 240_000; at += 16) bytes[at] = 0x10 + ((at / 16) % 16)
  return bytes
}

async function unpacked(bytes: Uint8Array, step = 50_000): Promise<Buffer> {
  async function* pieces() {
    for (let at = 0; at < bytes.length; at += step) yield Buffer.from(bytes.subarray(at, at + step))
  }
  const parts: Uint8Array[] = []
  for await (const part of decompressed(pieces(), compressionOf(bytes), 'the file'))
    parts.push(Buffer.from(part))
  return Buffer.concat(parts)
}

/** What a reader sees that is done with each chunk before it asks for the next, and what is left of them afterwards. */
async function readOnce(bytes: Uint8Array, freesChunks: boolean): Promise<{ whole: Buffer; kept: number }> {
  async function* pieces() {
    for (let at = 0; at < bytes.length; at += 50_000) yield Buffer.from(bytes.subarray(at, at + 50_000))
  }
  const [seen, parts]: [Uint8Array[], Buffer[]] = [[], []]
  for await (const part of decompressed(pieces(), compressionOf(bytes), 'the file', { freesChunks })) {
    seen.push(part)
    parts.push(Buffer.from(part))
  }
  return { whole: Buffer.concat(parts), kept: seen.reduce((sum, { length }) => sum + length, 0) }
}

async function failure(bytes: Uint8Array): Promise<unknown> {
  return await unpacked(bytes).then(
    () => undefined,
    (reason) => reason,
  )
}

function packed(program: string, args: string[], input: Buffer = PLAIN): Buffer {
  const { stdout, status, stderr } = spawnSync(program, ['-c', ...args], { input, maxBuffer: 1 << 26 })
  expect(status, String(stderr)).to.equal(0)
  return stdout
}

function skippable(count: number, number = 0): Buffer {
  const frame = Buffer.alloc(8 + count, 7)
  frame.writeUInt32LE(0x184d2a50 + number, 0)
  frame.writeUInt32LE(count, 4)
  return frame
}

describe('xz with filters and other checks is unpacked', () => {
  before(function () {
    if (onPath('xz') === undefined) this.skip()
  })

  for (const args of [
    ...['x86', 'arm', 'armthumb', 'arm64', 'powerpc', 'sparc', 'ia64'].map((name) => [`--${name}`]),
    ['--delta=dist=4'],
    ['--x86=start=4096', '--delta=dist=3'],
    ['--check=sha256'],
    ['--check=sha256', '--arm'],
    ['--check=none', '--x86'],
    ['--check=crc32', '--arm'],
    ['--check=sha256', '--block-size=200000'],
    ['--x86', '--block-size=300000'],
  ])
    it(`with ${args.join(' ')}`, async () => {
      const bytes = packed('xz', [...args, '--lzma2=preset=1'])
      for (const step of [50_000, 997])
        expect(digestOf(await unpacked(bytes, step))).to.equal(digestOf(PLAIN))
    })

  for (const args of [['-1'], ['--check=sha256'], ['--x86', '--lzma2']])
    for (const count of [1, 20_000, 700_000])
      it(`may be left early, and read again: ${count} bytes, ${args.join(' ')}`, async () => {
        const bytes = packed('xz', args, PLAIN.subarray(0, count))
        for (const step of [bytes.length, 997]) {
          async function* pieces() {
            for (let at = 0; at < bytes.length; at += step) yield bytes.subarray(at, at + step)
          }
          for await (const part of decompressed(pieces(), 'xz', 'the file')) {
            expect(part.length).to.be.greaterThan(0)
            break
          }
          expect((await unpacked(bytes)).length).to.equal(count)
        }
      })

  it('in streams one after the other, with zeros between them', async () => {
    const streams = [packed('xz', ['-1', '--check=sha256']), Buffer.alloc(8), packed('xz', ['-1'])]
    const found = await unpacked(Buffer.concat(streams))
    expect(digestOf(found)).to.equal(digestOf(Buffer.concat([PLAIN, PLAIN])))
  })

  for (const [what, damage] of Object.entries<(bytes: Buffer) => Buffer>({
    'is cut within a block': (bytes) => bytes.subarray(0, bytes.length / 2),
    'is cut before its last byte': (bytes) => bytes.subarray(0, -1),
    'lacks its index': (bytes) => bytes.subarray(0, -40),
    'has another check': (bytes) => changed(bytes, bytes.length - 60),
    'has other bytes': (bytes) => changed(bytes, 20_000),
    'has another header': (bytes) => changed(bytes, 15),
  }))
    for (const args of [['--check=sha256'], ['--x86']])
      it(`and is damaged where it ${what}: ${args}`, async () => {
        const bytes = packed('xz', [...args, '--lzma2=preset=1'])
        expect(await failure(damage(bytes))).to.include({ code: 'ARCHIVE_INVALID' })
      })
})

function changed(bytes: Buffer, at: number): Buffer {
  const other = Buffer.from(bytes)
  other[at] = (other[at] ?? 0) ^ 1
  return other
}

describe('zstd', () => {
  before(function () {
    if (onPath('zstd') === undefined) this.skip()
  })

  const zstd = (...args: string[]): Buffer => packed('zstd', ['-q', ...args])

  for (const [what, make] of Object.entries({
    'behind a frame without data': () => [skippable(4), zstd()],
    'behind an empty one': () => [skippable(0, 3), zstd()],
    'behind several, of all numbers': () => [
      ...Array.from({ length: 16 }, (_, i) => skippable(i * 7000, i)),
      zstd(),
    ],
    'with one behind it': () => [zstd(), skippable(9, 15)],
  }))
    for (const step of [1 << 20, 997])
      it(`is unpacked ${what}, ${step} bytes at a time`, async () => {
        expect(digestOf(await unpacked(Buffer.concat(make()), step))).to.equal(digestOf(PLAIN))
      })

  it('is unpacked with frames without data between its frames', async () => {
    const bytes = Buffer.concat([skippable(4), zstd(), skippable(70_000, 1), zstd('-1'), skippable(1)])
    expect(digestOf(await unpacked(bytes))).to.equal(digestOf(Buffer.concat([PLAIN, PLAIN])))
  })

  for (const args of [['--long=28'], ['--long=30'], ['--ultra', '--long=31']])
    it(`that needs a larger window is told so, with what makes it smaller: ${args.join(' ')}`, async () => {
      const error = (await failure(zstd(...args, '--no-check'))) as Record<string, string>
      expect(error).to.include({ code: 'ARCHIVE_INVALID', expected: 'a window of at most 128 MiB' })
      expect(error.message).to.include(`a window of ${2 ** (Number(args.at(-1)?.slice(-2)) - 20)} MiB`)
      expect(error.remedy).to.include('--long=27')
    })

  it('of the largest window that is taken is unpacked', async () => {
    expect(digestOf(await unpacked(zstd('--long=27')))).to.equal(digestOf(PLAIN))
  })

  it('is damaged where it is cut, or goes on with other bytes', async () => {
    const bytes = zstd()
    for (const other of [
      bytes.subarray(0, -3),
      Buffer.concat([bytes, Buffer.from('and more')]),
      skippable(9).subarray(0, 12),
    ])
      expect(await failure(other)).to.include({ code: 'ARCHIVE_INVALID' })
  })
})

describe('gzip', () => {
  for (const count of [1, 4, 8, 5000])
    it(`that lacks its last ${count} bytes is damaged`, async () => {
      const error = await failure(gzipSync(PLAIN).subarray(0, -count))
      expect(error).to.include({ code: 'ARCHIVE_INVALID' })
    })
})

describe('what is compressed in a way that cannot be read', () => {
  for (const [name, head, program] of [
    ['bzip2', 'BZh91AY', 'bunzip2'],
    ['lz4', '\x04"M\x18d@', 'unlz4'],
    ['lz4', '\x02!L\x18d@', 'unlz4'],
    ['lzip', 'LZIP\x01', 'lzip -d'],
    ['lzop', '\x89LZO\0\r\n', 'lzop -d'],
    ['lzma', ']\0\0\x80\0', 'unlzma'],
    ['compress', '\x1f\x9d\x90', 'uncompress'],
  ] as const)
    it(`is told by name: ${name}`, async () => {
      const error = (await failure(Buffer.from(head, 'latin1'))) as Record<string, string>
      expect(error).to.include({ code: 'ARCHIVE_UNKNOWN', found: name })
      expect(error.remedy).to.include(program)
    })
})

describe('chunks that are freed', () => {
  const members = Buffer.concat([gzipSync(PLAIN), gzipSync(PLAIN.subarray(7)), gzipSync(Buffer.alloc(5e6))])
  const plain = Buffer.concat([PLAIN, PLAIN.subarray(7), Buffer.alloc(5e6)])

  it('are whole until the next is asked for, and then gone', async () => {
    const { whole, kept } = await readOnce(members, true)
    expect(digestOf(whole)).to.equal(digestOf(plain))
    // The last one does not end with its memory.
    expect(kept).to.be.below(256 * 1024)
  })

  it('are only those of whoever wants it', async () => {
    const { whole, kept } = await readOnce(members, false)
    expect(digestOf(whole)).to.equal(digestOf(plain))
    expect(kept).to.equal(plain.length)
  })

  it('are none of what is not gzip', async () => {
    const programs = ['xz', 'zstd'].filter((program) => onPath(program) !== undefined)
    for (const bytes of [plain, ...programs.map((program) => packed(program, [], plain))]) {
      const { whole } = await readOnce(bytes, true)
      expect(digestOf(whole)).to.equal(digestOf(plain))
    }
  })
})
