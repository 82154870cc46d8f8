import { createHash, type Hash } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import { ContainerImageError, type Digest, splitDigest, throwIfAborted } from '../../../manifests/index.js'
import type { Bytes, FileRange } from '../../io/bytes.js'
import { readRange } from '../../io/files/read-range.js'
import { inWords } from '../../io/files/system-errors.js'
import { compressionOf, decompressed, type FileCompression, readHead } from '../members/compression.js'
import { type Cursor, fileCursor, streamCursor } from '../members/cursor.js'
import { layerEntries } from './layer-entries.js'
import { LayerForm } from './layer-form.js'
import { ToTheEnd } from './to-the-end.js'
import type { LayerOs } from './whiteout.js'

export interface CheckLayerOptions {
  os: LayerOs
  /** No layer is below it: the targets of its links are in it, or nowhere. */
  isFirst?: boolean
  /** For messages: which layer it is. */
  label: string
  /** The digest of the bytes as stored. The caller compares it. */
  digest?: Digest
  /** The digest of its tar, according to the configs. */
  diffIds?: ReadonlySet<Digest>
  signal?: AbortSignal
}

/** Reading headers never waits for anything; other work gets a turn after this many. */
const TURN = 4096
/** Enough to tell how bytes are compressed. */
const HEAD_BYTES = 8
/** The most that gzip can reach. Nothing that is unpacked here is kept, so a higher ratio costs only time. */
const MOST_LAYER_RATIO = 1100

/**
 * Checks a layer while its bytes pass by as they are stored, compressed or not, and reads them to the end:
 * whether engines can apply its tar, and whether that is the one that configs name. An error from the stream
 * of bytes takes precedence over anything wrong in them.
 * @returns the bytes of the files in it, as engines count the size of a layer
 * @throws UNSAFE_NAME, LAYER_INVALID, DIGEST_MISMATCH, ARCHIVE_INVALID, ARCHIVE_UNKNOWN, and what the bytes throw
 */
export async function checkLayerBytes(kept: Bytes, options: CheckLayerOptions): Promise<number> {
  const source = new ToTheEnd(kept)
  try {
    const kind = compressionOf(await source.head(HEAD_BYTES))
    const verdict = await settled(checkTar(source.bytes(), kind, options))
    throwIfAborted(options.signal)
    await source.rest()
    if ('error' in verdict) throw verdict.error
    return verdict.value
  } finally {
    await source.close()
  }
}

/**
 * Checks a layer that lies in a file. Of a tar that is not compressed only the headers are read, as its digest is known.
 * @returns as `checkLayerBytes`
 * @throws as `checkLayerBytes`, and what reading throws
 */
export async function checkLayerFile(range: FileRange, options: CheckLayerOptions): Promise<number> {
  return await inWords(`Reading ${range.path}`, 'source', async () => {
    const { signal } = options
    if ((await isCompressed(range)) || algorithmsToHash('none', options).length > 0)
      return await checkLayerBytes(readRange(range, { signal }), options)
    const cursor = fileCursor(range.path, range)
    // Only the last headers can show that a file was cut short.
    const looks =
      cursor.size < range.size ? Promise.reject(endsEarly(range, cursor.size)) : look(cursor, options)
    const bytes = await looks.finally(() => cursor.close())
    compare(new Map(), options)
    return bytes
  })
}

/** Whether only unpacking a layer shows what is in it. */
export async function isCompressed({ path, offset, size }: FileRange): Promise<boolean> {
  const head = await inWords(`Reading ${path}`, 'source', () =>
    readHead(path, Math.min(HEAD_BYTES, size), offset),
  )
  return compressionOf(head) !== 'none'
}

function endsEarly({ path, offset, size }: FileRange, found: number): ContainerImageError {
  return new ContainerImageError('SIZE_MISMATCH', `${path} ends too early.`, {
    side: 'source',
    expected: `${size} bytes from byte ${offset} on`,
    found: `${found} bytes`,
    details: { path, bytes: found },
  })
}

async function settled<T>(work: Promise<T>): Promise<{ value: T } | { error: unknown }> {
  return await work.then(
    (value) => ({ value }),
    (error) => ({ error }),
  )
}

/**
 * Reads a tar to its end, checks its entries, and hashes it if its digest is not that of the stored bytes.
 */
async function checkTar(kept: Bytes, kind: FileCompression, options: CheckLayerOptions): Promise<number> {
  const hashes = new Map(algorithmsToHash(kind, options).map((name) => [name, createHash(name)]))
  async function* hashed(): Bytes {
    const limits = { mostRatio: MOST_LAYER_RATIO, isLayer: true, freesChunks: true }
    for await (const chunk of decompressed(kept, kind, options.label, limits)) {
      for (const hash of hashes.values()) hash.update(chunk)
      yield chunk
    }
  }
  const cursor = streamCursor(hashed())
  let bytes: number
  try {
    bytes = await look(cursor, options)
    // Bytes after the end mark belong to the digest too, and the end of compressed data is checked only
    // there.
    for await (const _ of cursor.rest(Number.POSITIVE_INFINITY)) throwIfAborted(options.signal)
  } finally {
    await cursor.close()
  }
  compare(hashes, options)
  return bytes
}

/** The algorithms of those diff ids that are not already known to be right. */
function algorithmsToHash(
  kind: FileCompression,
  { digest, diffIds = new Set() }: CheckLayerOptions,
): string[] {
  const algorithms = new Set([...diffIds].map((diffId) => splitDigest(diffId).algorithm))
  // A tar that is not compressed has the digest of the layer.
  if (kind === 'none' && digest) algorithms.delete(splitDigest(digest).algorithm)
  return [...algorithms]
}

function compare(hashes: Map<string, Hash>, { label, digest, diffIds = new Set() }: CheckLayerOptions): void {
  const found = new Map([...hashes].map(([name, hash]) => [name, `${name}:${hash.digest('hex')}`]))
  for (const diffId of diffIds) {
    const tar = found.get(splitDigest(diffId).algorithm) ?? digest
    if (tar !== undefined && tar !== diffId) throw otherTar(label, diffId, tar)
  }
}

function otherTar(label: string, expected: Digest, found: string): ContainerImageError {
  return new ContainerImageError('DIGEST_MISMATCH', `${label} is not the layer that the config names.`, {
    side: 'source',
    expected: `diff id ${expected}`,
    found: `a tar with ${found}`,
    remedy: 'Ask whoever made the image for a correct one: engines refuse this one, and a copy is the same.',
    details: { diffId: expected },
  })
}

/** Checks every entry of a layer's tar, up to its end mark, and adds up the sizes of its files. */
async function look(cursor: Cursor, { os, label, isFirst, signal }: CheckLayerOptions): Promise<number> {
  // In a Windows layer, the target of a link may be in the system that it runs on.
  const form = new LayerForm(label, { isAlone: isFirst === true && os !== 'windows' })
  let seen = 0
  let bytes = 0
  try {
    for await (const { entry } of layerEntries(cursor, label, os)) {
      form.add(entry)
      bytes += entry.size
      if (++seen % TURN !== 0) continue
      throwIfAborted(signal)
      await setImmediate()
    }
  } catch (error) {
    throw form.told(error)
  }
  return bytes
}
