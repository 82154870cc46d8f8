import { setImmediate } from 'node:timers/promises'
import { ContainerImageError, type Descriptor, throwIfAborted } from '../../../manifests/index.js'
import { layerEntries } from '../../archives/layers/layer-entries.js'
import { ToTheEnd } from '../../archives/layers/to-the-end.js'
import type { LayerOs } from '../../archives/layers/whiteout.js'
import { compressionOf, decompressed } from '../../archives/members/compression.js'
import { streamCursor } from '../../archives/members/cursor.js'
import type { TarEntry } from '../../archives/members/tar-entries.js'
import type { ImageSource } from '../../copy/ports.js'
import { verified } from '../../copy/verified.js'
import type { Bytes } from '../../io/bytes.js'
import { type LayerRecord, recordOf } from './layer-record.js'

export interface LayerPass {
  os: LayerOs
  /** For messages: which layer it is. */
  label: string
  signal?: AbortSignal
  /** Called with the number of stored bytes that were read since the last call. */
  onBytes?: (count: number) => void
  /** Nobody keeps a chunk of a file beyond asking for the next. */
  freesChunks?: boolean
}

/** An entry of a layer, and its bytes for whoever takes them before the next one is asked for. */
export interface LayerStep {
  entry: TarEntry
  record: LayerRecord
  bytes(): Bytes
}

/** Enough to tell how bytes are compressed. */
const HEAD_BYTES = 8
/** Others get their turn after this many entries. */
const TURN = 4096
/** What gzip reaches at most: a layer of zeros is a layer. */
const MOST_LAYER_RATIO = 1100
/** More than any layer has; each costs memory. */
const MOST_ENTRIES = 5_000_000

/**
 * Reads a layer once, entry by entry, from its source to its end: only then is it known to be the one that
 * the image names. Nothing taken from it may be used before this has ended.
 * @throws DIGEST_MISMATCH, SIZE_MISMATCH, LAYER_INVALID, UNSAFE_NAME, ARCHIVE_INVALID, ARCHIVE_UNKNOWN, INTERRUPTED and
 * what the source throws
 */
export async function* passLayer(
  source: ImageSource,
  descriptor: Descriptor,
  { os, label, signal, onBytes, freesChunks }: LayerPass,
): AsyncGenerator<LayerStep> {
  const whole = new ToTheEnd(
    verified(counted(source, descriptor, onBytes, signal), descriptor, { signal, label }),
  )
  const tar = decompressed(whole.bytes(), compressionOf(await whole.head(HEAD_BYTES)), label, {
    mostRatio: MOST_LAYER_RATIO,
    isLayer: true,
    freesChunks,
  })
  const cursor = streamCursor(tar)
  let seen = 0
  try {
    for await (const one of layerEntries(cursor, label, os)) {
      if (++seen > MOST_ENTRIES) throw tooMany(label)
      yield { entry: one.entry, record: recordOf(one, os, label), bytes: () => cursor.rest(one.entry.stored) }
      if (seen % TURN !== 0) continue
      throwIfAborted(signal)
      await setImmediate()
    }
    for await (const _ of cursor.rest(Number.POSITIVE_INFINITY)) throwIfAborted(signal)
    await whole.rest()
  } catch (error) {
    // An error of the source takes precedence over anything wrong with its bytes.
    await whole.rest()
    throw error
  } finally {
    await cursor.close()
    await whole.close()
  }
}

async function* counted(
  source: ImageSource,
  descriptor: Descriptor,
  onBytes: ((count: number) => void) | undefined,
  signal: AbortSignal | undefined,
): Bytes {
  for await (const chunk of source.read(descriptor, { signal })) {
    onBytes?.(chunk.length)
    yield chunk
  }
}

function tooMany(label: string): ContainerImageError {
  return new ContainerImageError('LAYER_INVALID', `${label} has too many entries.`, {
    side: 'source',
    expected: `at most ${MOST_ENTRIES} entries`,
    found: 'more',
  })
}
