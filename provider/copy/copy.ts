import { type Descriptor, type Digest, hasCode, shortDigest, throwIfAborted } from '../../manifests/index.js'
import type { Bytes, FileRange } from '../io/bytes.js'
import { closedAfter } from '../io/closing/closing.js'
import type { OnProgress } from '../io/progress.js'
import { tellingBlob } from './failed-blob.js'
import { type ImageLayers, layersOfPlan } from './image-layers.js'
import { inParallel } from './in-parallel.js'
import type { Content, CopyPlan, ImageSink, ImageSource } from './ports.js'
import { checkThere, writeChecked } from './write-checked.js'

export interface CopyOptions {
  signal?: AbortSignal
  onProgress?: OnProgress
  /** For the display: `Saving debian 12.5`. */
  task: string
}

/** In bytes. What was `reused` was at the destination before, whole or in part. */
export interface CopyResult {
  copiedBytes: number
  reusedBytes: number
}

/** How often a copy starts again because something it had copied, or found, was no longer there. */
const ATTEMPTS = 3

/**
 * Copies what a plan lists from a source to a sink, for every pair of them: blobs side by side, then
 * manifests, indexes, names. It is safe to run again at any time; what is there is not read again.
 * @throws what the source and the sink throw, after the sink was told to abort
 */
export async function copy(
  source: ImageSource,
  plan: CopyPlan,
  sink: ImageSink,
  options: CopyOptions,
): Promise<CopyResult> {
  const tally = new Tally(options.onProgress)
  const total = plan.contents.reduce((sum, d) => sum + d.size, 0)
  options.onProgress?.({ type: 'begin', task: options.task, total })
  try {
    await sink.begin?.(plan, { signal: options.signal })
    await transferAndTag(source, plan, sink, options, tally)
    await sink.commit?.()
  } catch (error) {
    throw await closedAfter(error, () => sink.abort?.(error))
  } finally {
    options.onProgress?.({ type: 'end', task: options.task })
  }
  return { copiedBytes: tally.copied, reusedBytes: tally.reused }
}

async function transferAndTag(
  source: ImageSource,
  plan: CopyPlan,
  sink: ImageSink,
  options: CopyOptions,
  tally: Tally,
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await transfer(source, plan, sink, options, tally)
      return await giveNames(sink, plan, options.signal)
    } catch (error) {
      if (!hasCode(error, 'CHANGED_MEANWHILE') || attempt === ATTEMPTS) throw error
    }
  }
}

async function giveNames(sink: ImageSink, { images }: CopyPlan, signal?: AbortSignal): Promise<void> {
  throwIfAborted(signal)
  if (sink.tagAll) return await sink.tagAll(images)
  for (const image of images) {
    throwIfAborted(signal)
    await sink.tag(image)
  }
}

async function transfer(
  source: ImageSource,
  plan: CopyPlan,
  sink: ImageSink,
  options: CopyOptions,
  tally: Tally,
): Promise<void> {
  const large = plan.contents.filter((d) => !plan.documents.has(d.digest))
  const ordered = sink.order?.(large) ?? source.order?.(large) ?? largestFirst(large)
  const atOnce = Math.min(source.concurrency, sink.concurrency ?? source.concurrency)
  const layers = layersOfPlan(plan)
  await inParallel(ordered, atOnce, options.signal, (descriptor, signal) =>
    moveOne({ source, plan, sink, layers }, descriptor, signal, tally),
  )
  // Documents keep the plan's order: what a manifest names is there before the manifest is.
  for (const descriptor of plan.contents)
    if (plan.documents.has(descriptor.digest))
      await moveOne({ source, plan, sink, layers }, descriptor, options.signal, tally)
}

/** If a large blob started last, everything would end up waiting for it. */
function largestFirst(descriptors: Descriptor[]): Descriptor[] {
  return [...descriptors].sort((a, b) => b.size - a.size)
}

interface Move {
  source: ImageSource
  plan: CopyPlan
  sink: ImageSink
  layers: ImageLayers
}

async function moveOne(
  { source, plan, sink, layers }: Move,
  descriptor: Descriptor,
  signal: AbortSignal | undefined,
  tally: Tally,
): Promise<void> {
  throwIfAborted(signal)
  const moved = tally.begin(descriptor)
  await tellingBlob(descriptor.digest, async () => {
    if (await sink.has(descriptor)) {
      await checkThere(sink, descriptor, layers, signal)
      tally.found(descriptor)
    } else await writeChecked(source, sink, await contentOf(source, plan, descriptor, signal, moved), layers)
  })
  tally.end(descriptor)
}

async function contentOf(
  source: ImageSource,
  plan: CopyPlan,
  descriptor: Descriptor,
  signal: AbortSignal | undefined,
  onBytes: NonNullable<Content['onBytes']>,
): Promise<Content> {
  const document = plan.documents.get(descriptor.digest)
  const range = document ? undefined : await rangeOf(source, descriptor)
  return {
    descriptor,
    open: (from) =>
      document ? inOnePiece(document, from) : source.read(descriptor, readOptions(from, signal)),
    onBytes,
    range,
    signal,
  }
}

/** Anything larger is worth a thread that reads the file itself. */
const SMALL_BYTES = 8 * 1024 * 1024

async function rangeOf(source: ImageSource, descriptor: Descriptor): Promise<FileRange | undefined> {
  const range = await source.locate?.(descriptor)
  return range?.isShared && range.size <= SMALL_BYTES ? undefined : range
}

function readOptions(from: number, signal: AbortSignal | undefined): { from: number; signal?: AbortSignal } {
  return signal ? { from, signal } : { from }
}

async function* inOnePiece(bytes: Uint8Array, from: number): Bytes {
  yield bytes.subarray(from)
}

/** Counts what moves, and tells the display. */
class Tally {
  copied = 0
  reused = 0
  private readonly counted = new Set<Digest>()

  constructor(private readonly onProgress: OnProgress | undefined) {}

  begin(descriptor: Descriptor): NonNullable<Content['onBytes']> {
    const id = descriptor.digest
    this.onProgress?.({ type: 'blob', id, label: shortDigest(id), size: descriptor.size })
    return (count, kind) => {
      if (count === 0) return
      this.counted.add(id)
      this[kind] += count
      this.onProgress?.({ type: 'bytes', id, count, kind })
    }
  }

  /** A blob that is there. One that this copy had already copied before it had to start again counts once. */
  found({ digest, size }: Descriptor): void {
    if (this.counted.has(digest)) return
    this.counted.add(digest)
    this.reused += size
    this.onProgress?.({ type: 'bytes', id: digest, count: size, kind: 'reused' })
  }

  end(descriptor: Descriptor): void {
    this.onProgress?.({ type: 'blob-end', id: descriptor.digest })
  }
}
