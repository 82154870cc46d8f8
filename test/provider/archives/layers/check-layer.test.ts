import { createHash, randomBytes } from 'node:crypto'
import { truncateSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect } from 'chai'
import { ContainerImageError, digestOf, hasCode } from '../../../../manifests/index.js'
import { checkLayerBytes, checkLayerFile } from '../../../../provider/archives/layers/check-layer.js'
import type { Bytes } from '../../../../provider/io/bytes.js'
import { tarOf } from '../../../fixtures/layout.js'
import { scratch } from '../../../scratch.js'

const GOOD = tarOf({ 'etc/a': 'a', 'etc/.wh.b': '', 'etc/large': 3 << 20 })
const BAD = tarOf({ 'etc/large': 3 << 20, 'etc/.wh...': '', 'etc/more': 3 << 20 })
const OPTIONS = { os: 'linux', label: 'a layer' } as const

/** Bytes in pieces of a size, all in one piece of memory that is used again, as sources do. */
class Source {
  taken = Buffer.alloc(0)
  closed = false

  constructor(
    private readonly bytes: Buffer,
    private readonly step = 50_000,
    private readonly failure?: { at: number; error: Error },
  ) {}

  async *read(): Bytes {
    const memory = Buffer.alloc(this.step)
    const parts: Buffer[] = []
    try {
      for (let at = 0; at < this.bytes.length; at += this.step) {
        if (this.failure && at >= this.failure.at) throw this.failure.error
        const count = this.bytes.copy(memory, 0, at, at + this.step)
        parts.push(Buffer.from(memory.subarray(0, count)))
        yield memory.subarray(0, count)
        memory.fill(0xff)
      }
    } finally {
      this.closed = true
      this.taken = Buffer.concat(parts)
    }
  }
}

describe('a layer whose bytes pass by', () => {
  const forms: Record<string, (tar: Buffer) => Buffer> = { plain: (tar) => tar, gzip: (tar) => gzipSync(tar) }

  for (const [form, pack] of Object.entries(forms))
    for (const step of [3, 511, 1 << 20])
      it(`is taken to its end where it is good: ${form}, ${step} bytes at a time`, async () => {
        // Three megabytes in pieces of three bytes take too long.
        const tar = step < 500 ? tarOf({ 'etc/a': 'a', 'etc/.wh.b': '' }) : GOOD
        const source = new Source(pack(tar), step)
        await checkLayerBytes(source.read(), OPTIONS)
        expect(digestOf(source.taken)).to.equal(digestOf(pack(tar)))
        expect(source.closed).to.equal(true)
      })

  for (const [form, pack] of Object.entries(forms))
    it(`is refused where it is bad, and its source is closed: ${form}`, async () => {
      const source = new Source(pack(BAD))
      expect(await failure(checkLayerBytes(source.read(), OPTIONS))).to.include({ code: 'UNSAFE_NAME' })
      expect(source.closed).to.equal(true)
    })

  /** As bgzip writes it: an empty member at the end. */
  it('may have several gzip members', async () => {
    const bytes = Buffer.concat([gzipSync(GOOD.subarray(0, 100_000)), gzipSync(GOOD.subarray(100_000))])
    for (const step of [7_777, 1 << 20])
      await checkLayerBytes(new Source(Buffer.concat([bytes, gzipSync('')]), step).read(), {
        ...OPTIONS,
        diffIds: new Set([digestOf(GOOD)]),
      })
  })

  /** Containerd, docker and skopeo refuse all of these, though gzip ignores zeros: "gzip: invalid header". */
  for (const [what, tail] of [
    ['one zero', Buffer.alloc(1)],
    ['zeros', Buffer.alloc(300_000)],
    ['other bytes', Buffer.from('garbage behind the last member')],
  ] as const)
    it(`is refused with ${what} behind its gzip data`, async () => {
      const bytes = gzipSync(tarOf({ 'etc/a': 'a' }))
      for (const step of [bytes.length, 511, 1 << 20]) {
        const source = new Source(Buffer.concat([bytes, tail]), step)
        const error = await failure(checkLayerBytes(source.read(), OPTIONS))
        expect(hasCode(error, 'LAYER_INVALID', 'ARCHIVE_INVALID'), String(error)).to.equal(true)
      }
    })

  it('is taken to its end behind the end mark too, and hashed to there', async () => {
    const tail = Buffer.concat([GOOD, Buffer.alloc(100_000, 'x')])
    for (const pack of Object.values(forms)) {
      const source = new Source(pack(tail))
      await checkLayerBytes(source.read(), { ...OPTIONS, diffIds: new Set([digestOf(tail)]) })
      expect(source.taken.length).to.equal(pack(tail).length)
    }
  })

  for (const [what, bytes, code] of [
    ['is not a tar', Buffer.alloc(200_000, 'x'), 'LAYER_INVALID'],
    ['is cut short', GOOD.subarray(0, 100_000), 'LAYER_INVALID'],
    [
      'is damaged gzip',
      Buffer.concat([gzipSync(GOOD).subarray(0, 80_000), Buffer.alloc(200_000, 1)]),
      'ARCHIVE_INVALID',
    ],
    ['is gzip without its trailer', gzipSync(GOOD).subarray(0, -8), 'ARCHIVE_INVALID'],
    [
      'is compressed with bzip2',
      Buffer.concat([Buffer.from('BZh9'), Buffer.alloc(200_000, 1)]),
      'ARCHIVE_UNKNOWN',
    ],
    ['has few bytes', Buffer.from('{}'), 'LAYER_INVALID'],
  ] as const)
    it(`is refused where it ${what}, and is taken to its end`, async () => {
      const source = new Source(Buffer.from(bytes))
      expect(await failure(checkLayerBytes(source.read(), OPTIONS))).to.include({ code })
      expect(source.taken.length).to.equal(bytes.length)
    })

  it('is good where it has no bytes: engines take it for an empty one', async () => {
    await checkLayerBytes(new Source(Buffer.alloc(0)).read(), OPTIONS)
  })

  for (const [form, pack] of Object.entries(forms)) {
    it(`is the one that all configs name, or refused: ${form}`, async () => {
      const right = digestOf(GOOD)
      const other = sha512(GOOD)
      const check = (...diffIds: string[]) =>
        failure(checkLayerBytes(new Source(pack(GOOD)).read(), { ...OPTIONS, diffIds: new Set(diffIds) }))
      for (const good of [[], [right], [other], [right, other]])
        expect(await check(...good)).to.equal(undefined)
      for (const bad of [[digestOf(BAD)], [right, digestOf(BAD)], [sha512(BAD), right]])
        expect(await check(...bad)).to.include({ code: 'DIGEST_MISMATCH', side: 'source' })
    })

    it(`tells what is wrong with its bytes before what is wrong in them: ${form}`, async () => {
      const error = new ContainerImageError('DIGEST_MISMATCH', 'Other bytes.')
      const bytes = pack(Buffer.concat([Buffer.alloc(2000, 'x'), randomBytes(400_000)]))
      const source = new Source(bytes, 50_000, { at: 350_000, error })
      expect(await failure(checkLayerBytes(source.read(), OPTIONS))).to.equal(error)
    })
  }

  for (const [form, pack] of Object.entries(forms))
    it(`passes on what its source says, and does not take it for the layer's fault: ${form}`, async () => {
      const error = new ContainerImageError('ARCHIVE_INVALID', 'The archive around it is damaged.')
      for (const at of [0, 100_000, 200_000]) {
        const source = new Source(pack(GOOD), 50_000, { at, error })
        expect(await failure(checkLayerBytes(source.read(), OPTIONS))).to.equal(error)
      }
      // Behind the end of the tar as well, where nobody reads any more.
      const tail = Buffer.concat([tarOf({ a: 'a' }), Buffer.alloc(200_000)])
      const source = new Source(pack(tail), 50, { at: pack(tail).length - 60, error })
      expect(await failure(checkLayerBytes(source.read(), OPTIONS))).to.equal(error)
    })

  it('stops where its signal says so', async () => {
    const many = tarOf(Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`etc/${i}`, ''])))
    const signal = AbortSignal.abort()
    const source = new Source(many, 1 << 20)
    expect(await failure(checkLayerBytes(source.read(), { ...OPTIONS, signal }))).to.include({
      code: 'INTERRUPTED',
    })
  })
})

describe('a layer that lies in a file', () => {
  const folders = scratch()
  after(() => folders.remove())

  /** Behind other bytes, and before some, as in an archive. */
  const placed = (bytes: Buffer) => {
    const file = path.join(folders.folder(), 'archive')
    writeFileSync(file, Buffer.concat([Buffer.alloc(700, 1), bytes, Buffer.alloc(700, 2)]))
    return { path: file, offset: 700, size: bytes.length }
  }

  for (const gzip of [false, true])
    it(`is refused where it is bad: ${gzip ? 'gzip' : 'plain'}`, async () => {
      const small = tarOf({ a: 'a', '.wh...': '' })
      for (const bad of [small, BAD])
        expect(await failure(checkLayerFile(placed(gzip ? gzipSync(bad) : bad), OPTIONS))).to.include({
          code: 'UNSAFE_NAME',
        })
      const good = tarOf({ a: 'a', '.wh.b': '' })
      await checkLayerFile(placed(gzip ? gzipSync(good) : good), OPTIONS)
    })

  for (const gzip of [false, true])
    it(`is the one that configs name, or refused: ${gzip ? 'gzip' : 'plain'}`, async () => {
      const bytes = gzip ? gzipSync(GOOD) : GOOD
      const check = (diffId: string, digest?: string) =>
        failure(
          checkLayerFile(placed(bytes), {
            ...OPTIONS,
            diffIds: new Set([diffId]),
            ...(digest ? { digest } : {}),
          }),
        )
      for (const digest of [undefined, digestOf(bytes), sha512(bytes)]) {
        expect(await check(digestOf(GOOD), digest)).to.equal(undefined)
        expect(await check(sha512(GOOD), digest)).to.equal(undefined)
        expect(await check(digestOf(BAD), digest)).to.include({ code: 'DIGEST_MISMATCH' })
      }
    })

  for (const gzip of [false, true])
    it(`that ends before its layer does is not judged as one: ${gzip ? 'gzip' : 'plain'}`, async () => {
      const bytes = gzip ? gzipSync(GOOD) : GOOD
      const range = placed(bytes)
      for (const count of [0, 1, 600, bytes.length - 1]) {
        truncateSync(range.path, range.offset + count)
        const { code } = (await failure(checkLayerFile(range, OPTIONS))) as { code: string }
        expect(code).to.be.oneOf(['SIZE_MISMATCH', 'ARCHIVE_INVALID'])
        writeFileSync(range.path, Buffer.concat([Buffer.alloc(range.offset), bytes]))
      }
    })

  it('that is gone is an error of the system in our words', async () => {
    const gone = { path: path.join(folders.folder(), 'gone'), offset: 0, size: 9 }
    expect(await failure(checkLayerFile(gone, OPTIONS))).to.include({
      code: 'PATH_NOT_FOUND',
      side: 'source',
    })
  })
})

async function failure(work: Promise<unknown>): Promise<unknown> {
  return await work.then(
    () => undefined,
    (reason) => reason,
  )
}

function sha512(bytes: Buffer): string {
  return `sha512:${createHash('sha512').update(bytes).digest('hex')}`
}
