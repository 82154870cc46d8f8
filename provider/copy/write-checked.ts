import type { Descriptor, Digest } from '../../manifests/index.js'
import {
  type CheckLayerOptions,
  checkLayerBytes,
  checkLayerFile,
  isCompressed,
} from '../archives/layers/check-layer.js'
import type { Bytes, FileRange } from '../io/bytes.js'
import type { ExpectedLayer } from './expected-layer.js'
import type { ImageLayers } from './image-layers.js'
import { PassingLayer } from './passing-layer.js'
import type { Content, ImageSink, ImageSource } from './ports.js'
import { collect } from './read-verified.js'
import { verified } from './verified.js'

/** A smaller layer is read once, and checked before the sink gets it. */
const SMALL_BYTES = 64 * 1024

/** A larger layer takes longer to unpack than to copy. */
const QUICK_BYTES = 4 * 1024 * 1024

/**
 * Hands a blob to a sink, and if it is a layer checks it in the same pass: while its bytes pass, or if they
 * are in a file, while that is copied. For an uncompressed tar only the headers are read, in place. A layer that the
 * source knows is not unpacked again: what is in it never changes for a digest, and the sink compares that.
 * @throws what `checkLayerBytes` throws for a layer that nobody may apply, and what the sink throws, which
 * takes precedence
 */
export async function writeChecked(
  source: Pick<ImageSource, 'knownLayer'>,
  sink: ImageSink,
  content: Content,
  layers: ImageLayers,
): Promise<void> {
  const expected = layers.of(content.descriptor)
  if (!expected) return await sink.write(content)
  const known = await source.knownLayer?.(content.descriptor, expected)
  if (known !== undefined) await sink.write(content)
  const bytes = known ?? (await written(sink, content, expected))
  if (bytes !== undefined) sink.measured?.(content.descriptor, bytes, expected)
}

/**
 * @returns the total size of the files in it; undefined if the sink does not say where it put what it took
 */
async function written(
  sink: ImageSink,
  content: Content,
  expected: ExpectedLayer,
): Promise<number | undefined> {
  const { descriptor, range, signal } = content
  const { digest, size } = descriptor
  const options = { ...expected, digest, label: `Layer ${digest}`, signal }
  // A sink that may move the file away is asked where it has put it.
  if (!range || range.mayTake) return await writePassing(sink, content, options)
  if (size <= SMALL_BYTES) return await writeSmall(sink, content, options)
  if (sink.isSeenEarly || range.size <= QUICK_BYTES || !(await isCompressed(range)))
    return await writeQuick(sink, content, range, options)
  return await writeBeside(sink, content, range, options)
}

/**
 * Checks a layer that the sink already has, if the configs of this copy give it another diff id than earlier
 * ones did.
 * @throws as `writeChecked`
 */
export async function checkThere(
  sink: ImageSink,
  descriptor: Descriptor,
  layers: ImageLayers,
  signal: AbortSignal | undefined,
): Promise<void> {
  const expected = layers.of(descriptor)
  if (!expected || !sink.knowsLayer || !sink.locateWritten) return
  const { digest } = descriptor
  const fresh = new Set<Digest>()
  for (const diffId of expected.diffIds) if (!(await sink.knowsLayer(descriptor, diffId))) fresh.add(diffId)
  const there = fresh.size > 0 ? await sink.locateWritten(descriptor) : undefined
  if (!there) return
  const found = { os: expected.os, diffIds: fresh, isFirst: false }
  const bytes = await checkLayerFile(there, { ...found, digest, label: `Layer ${digest}`, signal })
  sink.measured?.(descriptor, bytes, found)
}

async function writeSmall(sink: ImageSink, content: Content, options: CheckLayerOptions): Promise<number> {
  const { descriptor, signal } = content
  const bytes = await collect(verified(content.open(0), descriptor, { signal }))
  const measured = await checkLayerBytes(once(bytes), options)
  await sink.write({ ...content, range: undefined, open: (from) => once(bytes.subarray(from)) })
  return measured
}

async function* once(bytes: Uint8Array): Bytes {
  yield bytes
}

async function writePassing(
  sink: ImageSink,
  content: Content,
  options: CheckLayerOptions,
): Promise<number | undefined> {
  const passing = new PassingLayer(content, options)
  try {
    await sink.write(passing.content)
    const bytes = await passing.judged()
    if (bytes !== undefined) return bytes
  } finally {
    await passing.close()
  }
  // Only the rest of it came, or nothing: an earlier run had copied the beginning.
  const written = await sink.locateWritten?.(content.descriptor)
  return written && (await checkLayerFile(written, options))
}

async function writeBeside(
  sink: ImageSink,
  content: Content,
  range: FileRange,
  options: CheckLayerOptions,
): Promise<number> {
  const stop = new AbortController()
  const signals = [stop.signal, ...(options.signal ? [options.signal] : [])]
  const checked = checkLayerFile(range, { ...options, signal: AbortSignal.any(signals) }).then(
    (bytes) => ({ bytes }),
    (error) => ({ error }),
  )
  try {
    await sink.write(content)
  } catch (error) {
    stop.abort()
    await checked
    throw error
  }
  const verdict = await checked
  if ('error' in verdict) throw verdict.error
  return verdict.bytes
}

/** Where the verified bytes are, or before the sink gets any of them. */
async function writeQuick(
  sink: ImageSink,
  content: Content,
  range: FileRange,
  options: CheckLayerOptions,
): Promise<number | undefined> {
  const before = sink.locateWritten ? undefined : await checkLayerFile(range, options)
  await sink.write(content)
  const written = await sink.locateWritten?.(content.descriptor)
  return written ? await checkLayerFile(written, options) : before
}
