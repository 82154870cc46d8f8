import { closeSync, existsSync, openSync, readdirSync, readSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import {
  ContainerImageError,
  type Descriptor,
  digestOf,
  type ErrorCode,
  MEDIA_TYPES,
  type Platform,
} from '../../manifests/index.js'
import { copy } from '../../provider/copy/copy.js'
import { planCopy } from '../../provider/copy/plan.js'
import type {
  CopyPlan,
  ImageCollection,
  ImageSink,
  ImageSource,
  PlannedImage,
} from '../../provider/copy/ports.js'
import { collect } from '../../provider/copy/read-verified.js'
import { verified } from '../../provider/copy/verified.js'
import type { Bytes, FileRange } from '../../provider/io/bytes.js'
import { Hasher } from '../../provider/io/hashing/hasher.js'
import { type Faults, FaultySource } from '../fixtures/faulty-source.js'
import { makeSample, openLayout, type Sample } from '../fixtures/sample.js'
import { scratch } from '../scratch.js'

/** The error that something throws. */
export async function failure(work: () => Promise<unknown>): Promise<ContainerImageError> {
  try {
    await work()
  } catch (error) {
    expect(error).to.be.instanceOf(ContainerImageError)
    return error as ContainerImageError
  }
  throw new Error('it did not fail')
}

/** Checks what every error says: code, side, and what to do. */
export function expectError(error: ContainerImageError, code: ErrorCode | ErrorCode[], side?: string): void {
  expect(error.code, error.message).to.be.oneOf([code].flat())
  if (side !== undefined) expect(error.side).to.equal(side)
  expect(error.remedy).to.match(/\w.*\.$/)
}

async function drain(bytes: Bytes): Promise<void> {
  for await (const _ of bytes);
}

export interface OpenedSource {
  source: ImageSource
  /** A name that resolves; where the backend knows names. */
  name?: string
  root: Descriptor
}

const NOWHERE: Descriptor = { mediaType: MEDIA_TYPES.ociLayerGzip, digest: digestOf('nowhere'), size: 7 }

/** What every ImageSource must do, whatever is behind it. */
export function conformsAsSource(
  title: string,
  make: (folder: string, sample: Sample) => Promise<OpenedSource>,
  options: { missing?: ErrorCode; referrers?: boolean } = {},
): void {
  describe(`${title}, as a source`, () => {
    const temporary = scratch()
    let opened: OpenedSource
    let sample: Sample
    let contents: Descriptor[]

    before(async () => {
      const folder = temporary.folder()
      sample = makeSample(folder)
      opened = await make(folder, sample)
      const plan = await planCopy(opened.source, [{ root: opened.root, names: [], annotations: {} }])
      contents = plan.contents
    })

    after(async () => {
      await opened?.source.close()
      temporary.remove()
    })

    it('has a label and allows one read or more at once', () => {
      expect(opened.source.label).to.not.equal('')
      expect(opened.source.concurrency).to.be.at.least(1)
    })

    it('resolves a name and a digest to the same image', async () => {
      const { source, name, root } = opened
      expect((await source.resolve(root.digest)).digest).to.equal(root.digest)
      if (name !== undefined) expect((await source.resolve(name)).digest).to.equal(root.digest)
    })

    it('says NOT_FOUND for a name that it does not have', async () => {
      const error = await failure(() => opened.source.resolve('no-such-name'))
      expectError(error, 'NOT_FOUND', 'source')
    })

    it('gives the whole bytes of every blob and document', async () => {
      expect(contents.length).to.be.at.least(3)
      for (const descriptor of contents)
        await drain(verified(opened.source.read(descriptor), descriptor, { label: descriptor.digest }))
    })

    it('gives the bytes from an offset to the end', async () => {
      for (const descriptor of contents) {
        const whole = await collect(opened.source.read(descriptor))
        for (const from of [0, 1, 511, descriptor.size >> 1, descriptor.size - 1, descriptor.size])
          if (from <= descriptor.size) {
            const rest = await collect(opened.source.read(descriptor, { from }))
            expect(
              Buffer.compare(rest, whole.subarray(from)),
              `${descriptor.mediaType} from ${from}`,
            ).to.equal(0)
          }
      }
    })

    it('reads as many blobs at once as it allows', async () => {
      const several = [...contents, ...contents].slice(0, Math.max(2, opened.source.concurrency))
      if (opened.source.concurrency === 1) return
      await Promise.all(several.map((d) => drain(verified(opened.source.read(d), d))))
    })

    it('lets a reader stop in the middle and begin with another blob', async () => {
      for (const descriptor of contents) for await (const _ of opened.source.read(descriptor)) break
      for (const descriptor of contents) await drain(verified(opened.source.read(descriptor), descriptor))
    })

    it(`says ${options.missing ?? 'BLOB_MISSING'} for a blob that it does not have`, async () => {
      const error = await failure(() => drain(opened.source.read(NOWHERE)))
      expectError(error, options.missing ?? 'BLOB_MISSING', 'source')
    })

    it('locates bytes where read finds the same', async () => {
      for (const descriptor of contents) {
        const range = await opened.source.locate?.(descriptor)
        if (!range) continue
        expect(range.size).to.equal(descriptor.size)
        expect(digestOf(bytesOf(range))).to.equal(descriptor.digest)
      }
    })

    it('locates nothing for a blob that it does not have', async () => {
      const { source } = opened
      if (!source.locate) return
      const found = await source.locate(NOWHERE).catch((error: ContainerImageError) => error.code)
      expect(found).to.be.oneOf([undefined, 'BLOB_MISSING'])
    })

    it('orders blobs without losing one', () => {
      const ordered = opened.source.order?.(contents) ?? contents
      expect(ordered.map((d) => d.digest)).to.have.members(contents.map((d) => d.digest))
    })

    it('does not begin to read when the signal is aborted', async () => {
      const signal = AbortSignal.abort()
      for (const descriptor of contents.filter((d) => d.size > 1_000_000))
        expectError(await failure(() => drain(opened.source.read(descriptor, { signal }))), 'INTERRUPTED')
    })

    it('stops reading when the signal is aborted', async () => {
      const large = contents.find((d) => d.size > 3_000_000)
      if (!large) throw new Error('the sample has no large blob')
      const stop = new AbortController()
      const error = await failure(async () => {
        for await (const _ of opened.source.read(large, { signal: stop.signal })) stop.abort()
      })
      expectError(error, 'INTERRUPTED')
    })

    if (options.referrers)
      it('lists the artifacts that refer to the image', async () => {
        const found = await opened.source.referrers?.(opened.root.digest)
        expect(found?.map((d) => d.digest)).to.deep.equal([sample.artifact.digest])
        expect(await opened.source.referrers?.(NOWHERE.digest)).to.deep.equal([])
      })
  })
}

function bytesOf(range: FileRange): Buffer {
  const bytes = Buffer.alloc(range.size)
  const fd = openSync(range.path, 'r')
  readSync(fd, bytes, 0, range.size, range.offset)
  closeSync(fd)
  return bytes
}

/** What a source that lists its images must do besides. */
export function conformsAsCollection(
  title: string,
  make: (folder: string, sample: Sample) => Promise<ImageCollection>,
): void {
  describe(`${title}, as a collection`, () => {
    const temporary = scratch()
    let collection: ImageCollection

    before(async () => {
      const folder = temporary.folder()
      collection = await make(folder, makeSample(folder))
    })

    after(async () => {
      await collection?.close()
      temporary.remove()
    })

    it('says its format in words', () => {
      expect(collection.format).to.match(/\w+ \w+/)
    })

    it('lists images that it resolves by their names and digests', async () => {
      const images = await collection.images()
      expect(images.length).to.be.at.least(1)
      for (const { root, refName } of images) {
        expect((await collection.resolve(root.digest)).digest).to.equal(root.digest)
        if (refName !== undefined) expect((await collection.resolve(refName)).digest).to.equal(root.digest)
      }
    })
  })
}

export interface OpenedSink {
  sink: ImageSink
  /** Whether the image can be seen at the destination. */
  isVisible(): boolean
  /** Opens the destination for reading, after a copy. */
  open(): Promise<ImageSource>
}

/** What every ImageSink must do. `make` opens it on a place in a folder, again each time it is called. */
export function conformsAsSink(
  title: string,
  make: (place: string, hasher: Hasher) => OpenedSink,
  /** What of an interrupted copy counts in the next: nothing, whole blobs, or (where left out) parts of blobs, too. */
  options: { continues?: false | 'with whole blobs'; platform?: Platform } = {},
): void {
  describe(`${title}, as a sink`, () => {
    const temporary = scratch()
    const hasher = new Hasher()
    let sample: Sample
    let inner: ImageCollection
    let plan: CopyPlan
    let place: string

    before(async () => {
      sample = makeSample(temporary.folder())
      inner = await openLayout(sample.folder)
      plan = await planCopy(inner, [planned(sample.root, options.platform)])
    })

    beforeEach(() => {
      place = temporary.folder()
    })

    after(async () => {
      await hasher.close()
      temporary.remove()
    })

    const fromStream = (faults: Faults = {}): FaultySource => new FaultySource(inner, faults)
    const inPlace = (faults: Faults = {}): FaultySource =>
      new FaultySource(inner, { locate: (d) => inner.locate?.(d) ?? Promise.resolve(undefined), ...faults })
    const send = (source: ImageSource, signal?: AbortSignal) =>
      copy(source, plan, make(place, hasher).sink, { task: 'test', ...(signal ? { signal } : {}) })
    const layers = (): Descriptor[] => plan.contents.filter((d) => !plan.documents.has(d.digest))
    const largest = (): Descriptor => layers().sort((a, b) => b.size - a.size)[0] as Descriptor

    for (const [how, sourceOf] of Object.entries({ 'a stream': fromStream, 'a file': inPlace })) {
      it(`takes an image from ${how}, byte for byte`, async () => {
        const result = await send(sourceOf())
        const { isVisible, open } = make(place, hasher)
        expect(isVisible()).to.equal(true)
        expect(result.reusedBytes).to.equal(0)
        const copied = await open()
        for (const layer of layers()) await drain(verified(copied.read(layer), layer))
        await copied.close()
      })

      it(`takes nothing a second time from ${how}`, async () => {
        await send(sourceOf())
        const source = sourceOf()
        const result = await send(source)
        expect(source.calls).to.deep.equal([])
        expect(result.copiedBytes).to.equal(0)
        expect(result.reusedBytes).to.equal(plan.contents.reduce((sum, d) => sum + d.size, 0))
      })
    }

    it('knows what it has', async () => {
      const { sink } = make(place, hasher)
      await sink.begin?.(plan)
      const layer = largest()
      expect(await sink.has(layer)).to.equal(false)
      await sink.write({ descriptor: layer, open: (from) => inner.read(layer, { from }) })
      expect(await sink.has(layer)).to.equal(true)
      await sink.abort?.(lost())
    })

    const wrong: Record<string, { how(bytes: Buffer): Buffer; code: ErrorCode }> = {
      'wrong bytes': { how: flipped, code: 'DIGEST_MISMATCH' },
      'too few bytes': { how: (bytes) => bytes.subarray(0, -1), code: 'SIZE_MISMATCH' },
      'no bytes': { how: () => Buffer.alloc(0), code: 'SIZE_MISMATCH' },
      'too many bytes': { how: (bytes) => Buffer.concat([bytes, bytes]), code: 'SIZE_MISMATCH' },
    }
    for (const [what, { how, code }] of Object.entries(wrong)) {
      it(`refuses ${what} from a stream, shows nothing, and leaves nothing`, async () => {
        const source = fromStream({ change: { digest: largest().digest, how } })
        expectError(await failure(() => send(source)), code, 'source')
        expectNothing()
      })

      it(`refuses ${what} from a file, shows nothing, and leaves nothing`, async () => {
        const file = path.join(temporary.folder(), 'changed')
        const bytes = how(Buffer.from(await collect(inner.read(largest()))))
        writeFileSync(file, bytes)
        const locate = async (d: Descriptor): Promise<FileRange | undefined> =>
          d.digest === largest().digest
            ? { path: file, offset: 0, size: bytes.length }
            : await inner.locate?.(d)
        expectError(await failure(() => send(inPlace({ locate }))), code, 'source')
        expectNothing()
      })
    }

    it('refuses a file that ends before its range does', async () => {
      const file = path.join(temporary.folder(), 'cut')
      writeFileSync(file, (await collect(inner.read(largest()))).subarray(0, 1_500_000))
      const locate = async (d: Descriptor): Promise<FileRange | undefined> =>
        d.digest === largest().digest ? { path: file, offset: 0, size: d.size } : undefined
      expectError(
        await failure(() => send(inPlace({ locate }))),
        ['SIZE_MISMATCH', 'ARCHIVE_INVALID'],
        'source',
      )
      expectNothing()
    })

    it('shows nothing before the last blob is there', async () => {
      const { sink, isVisible } = make(place, hasher)
      await sink.begin?.(plan)
      for (const descriptor of sink.order?.(plan.contents) ?? plan.contents) {
        expect(isVisible()).to.equal(false)
        const document = plan.documents.get(descriptor.digest)
        await sink.write({
          descriptor,
          open: (from) => (document ? once(document.subarray(from)) : inner.read(descriptor, { from })),
        })
      }
      expect(isVisible()).to.equal(false)
      for (const image of plan.images) await sink.tag(image)
      await sink.commit?.()
      expect(isVisible()).to.equal(true)
    })

    if (options.continues === false)
      it('leaves nothing of what a broken source gave, and takes all of it the next time', async () => {
        const broken = fromStream({ failAt: { chunk: 9, error: lost() } })
        expectError(await failure(() => send(broken)), 'NETWORK_UNREACHABLE')
        expectNothing()
        const result = await send(fromStream())
        expect(make(place, hasher).isVisible()).to.equal(true)
        expect(result.reusedBytes).to.equal(0)
      })
    else if (options.continues === 'with whole blobs')
      it('keeps the whole blobs that a broken source gave, and takes the rest the next time', async () => {
        const broken = fromStream({ failAt: { chunk: 9, error: lost() } })
        expectError(await failure(() => send(broken)), 'NETWORK_UNREACHABLE')
        expect(make(place, hasher).isVisible()).to.equal(false)
        const { sink } = make(place, hasher)
        await sink.begin?.(plan)
        // What was on its way when the source broke may still arrive: it is looked at until nothing does.
        const present = async (): Promise<Descriptor[]> => {
          const found: Descriptor[] = []
          for (const descriptor of plan.contents) if (await sink.has(descriptor)) found.push(descriptor)
          return found
        }
        let kept = await present()
        for (let unchanged = 0; unchanged < 5; ) {
          await new Promise((resolve) => setTimeout(resolve, 100))
          const now = await present()
          unchanged = now.length === kept.length ? unchanged + 1 : 0
          kept = now
        }
        const result = await send(fromStream())
        expect(make(place, hasher).isVisible()).to.equal(true)
        expect(result.reusedBytes).to.equal(kept.reduce((sum, d) => sum + d.size, 0))
      })
    else
      it('goes on inside a blob where a broken source left off', async () => {
        const broken = fromStream({ failAt: { chunk: 9, error: lost() } })
        expectError(await failure(() => send(broken)), 'NETWORK_UNREACHABLE')
        expect(make(place, hasher).isVisible()).to.equal(false)
        const source = fromStream()
        const result = await send(source)
        expect(make(place, hasher).isVisible()).to.equal(true)
        expect(result.reusedBytes).to.be.greaterThan(1_000_000)
        const again = source.calls.find((call) => call.digest === largest().digest)
        expect(again?.from).to.be.greaterThan(1_000_000)
      })

    it('stops when the signal is aborted, and can be continued', async () => {
      const stop = new AbortController()
      const source = fromStream({ onChunk: (chunk) => void (chunk === 5 && stop.abort()) })
      expectError(await failure(() => send(source, stop.signal)), 'INTERRUPTED')
      expect(make(place, hasher).isVisible()).to.equal(false)
      await send(fromStream())
      expect(make(place, hasher).isVisible()).to.equal(true)
    })

    it('lets two copies of the same image go on at once', async () => {
      await Promise.all([send(fromStream()), send(fromStream())])
      const copied = await make(place, hasher).open()
      for (const layer of layers()) await drain(verified(copied.read(layer), layer))
      await copied.close()
      expect(temporaryFiles(place)).to.deep.equal([])
    })

    function expectNothing(): void {
      expect(make(place, hasher).isVisible()).to.equal(false)
      expect(temporaryFiles(place)).to.deep.equal([])
      expect(blobs(place)).to.deep.equal([])
    }
  })
}

/** @param platform makes it an image that is run; it is a mere document without one */
function planned(root: Descriptor, platform?: Platform): PlannedImage {
  const names = [{ repository: 'base', tag: '1.2.3' }]
  return { root, names, annotations: {}, ...(platform ? { platform } : {}) }
}

function lost(): ContainerImageError {
  return new ContainerImageError('NETWORK_UNREACHABLE', 'The connection is lost.')
}

function flipped(bytes: Buffer): Buffer {
  const other = Buffer.from(bytes)
  other[bytes.length >> 1] = (other[bytes.length >> 1] ?? 0) ^ 1
  return other
}

async function* once(bytes: Uint8Array): Bytes {
  yield bytes
}

/** What a run must not leave: parts, locks, files on their way. */
export function temporaryFiles(folder: string): string[] {
  const names = existsSync(folder) ? readdirSync(folder, { recursive: true, encoding: 'utf8' }) : []
  return names.filter((name) => /(^|[\\/])ingest[\\/]|\.part|\.lock|\.new$/.test(name)).sort()
}

function blobs(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    /[0-9a-f]{64}$/.test(name),
  )
}
