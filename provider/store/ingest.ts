import type { Hash } from 'node:crypto'
import { chmod, type FileHandle, open, rename, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import { type Descriptor, hasCode, splitDigest } from '../../manifests/index.js'
import { makeFolder, syncFolder } from '../files/durable.js'
import { takeLock } from '../files/lock.js'
import { readRange } from '../files/read-range.js'
import { inWords } from '../files/system-errors.js'
import { writeBytes } from '../files/write-bytes.js'
import type { Hasher } from '../hashing/hasher.js'
import type { Content, FileRange } from '../ports.js'
import { checkDigest, digestMismatch, hashFor, sizeMismatch, verified } from '../verified/verified.js'
import type { Places } from './places.js'

/** Longer than any blob takes; the holder's death is noticed at once all the same. */
const BLOB_PATIENCE_MS = 24 * 3600 * 1000

/** Whether a blob is there with its full size; its digest was checked when it came. */
export async function hasBlob(places: Places, descriptor: Descriptor): Promise<boolean> {
  try {
    const stats = await stat(places.blob(descriptor.digest))
    return stats.isFile() && stats.size === descriptor.size
  } catch {
    return false
  }
}

export interface IngestOptions {
  /** Bring it in place of one that is there, which may be damaged. */
  again?: boolean
}

/**
 * Brings one blob into the store: written to an ingest file, synced, checked, renamed, and the folder synced
 * (the order of containerd's content store). What an interrupted run left of it is used. Two processes that
 * bring the same blob take turns, and the second finds it there.
 * @throws DIGEST_MISMATCH, SIZE_MISMATCH, NO_SPACE, PERMISSION_DENIED and what the source throws
 */
export async function ingest(
  places: Places,
  content: Content,
  hasher: Hasher,
  options: IngestOptions = {},
): Promise<void> {
  const { descriptor } = content
  const part = places.ingest(descriptor.digest)
  const signal = content.signal ? { signal: content.signal } : {}
  const lock = await takeLock(`${part}.lock`, { ...signal, patience: BLOB_PATIENCE_MS })
  try {
    if (!options.again && (await hasBlob(places, descriptor))) {
      content.onBytes?.(descriptor.size, 'reused')
      return
    }
    if (content.range) await copyRange(content, part, hasher)
    else await receive(content, part)
    await publish(places, descriptor, part)
  } finally {
    await lock.release()
  }
}

/** From a file on this machine: hashed and copied in one pass, on another thread. */
async function copyRange(content: Content, part: string, hasher: Hasher): Promise<void> {
  const { descriptor, range } = content
  if (!range) return
  if (range.size !== descriptor.size) throw sizeMismatch(descriptor, range.size, range.path)
  if (range.mayTake) return await takeRange(content, range, part, hasher)
  const { algorithm, hex } = splitDigest(descriptor.digest)
  const job = { source: range, algorithm, target: { path: part, offset: 0, create: true, sync: true } }
  const options = {
    ...(content.signal ? { signal: content.signal } : {}),
    onBytes: (count: number) => content.onBytes?.(count, 'copied'),
  }
  await rm(part, { force: true })
  try {
    const result = await hasher.run(job, options)
    if (result.bytes !== descriptor.size) throw sizeMismatch(descriptor, result.bytes, range.path)
    if (result.hex !== hex) throw digestMismatch(descriptor, `${algorithm}:${result.hex}`, range.path)
  } catch (error) {
    await rm(part, { force: true })
    throw error
  }
}

/** A file that came into the store on another way: hashed where it lies unless it was while it was written, and renamed. */
async function takeRange(content: Content, range: FileRange, part: string, hasher: Hasher): Promise<void> {
  if (range.isVerified) content.onBytes?.(range.size, 'copied')
  else await checkRange(content, range, hasher)
  await inWords(`Writing ${part}`, 'destination', async () => {
    await syncFile(range.path)
    await rename(range.path, part)
  })
}

async function checkRange(content: Content, range: FileRange, hasher: Hasher): Promise<void> {
  const { descriptor, signal } = content
  const { algorithm, hex } = splitDigest(descriptor.digest)
  const onBytes = (count: number): void => content.onBytes?.(count, 'copied')
  const result = await hasher.run({ source: range, algorithm }, { onBytes, ...(signal ? { signal } : {}) })
  if (result.hex !== hex) throw digestMismatch(descriptor, `${algorithm}:${result.hex}`, range.path)
}

/** Whoever wrote it may not have: its name must not survive a loss of power without its bytes. */
async function syncFile(file: string): Promise<void> {
  const handle = await open(file, 'r+')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** From a stream: what is there already is hashed first, and the source is asked for the rest. */
async function receive(content: Content, part: string): Promise<void> {
  const before = await hashExisting(part, content)
  try {
    await append(content, part, before)
  } catch (error) {
    if (!hasCode(error, 'DIGEST_MISMATCH', 'SIZE_MISMATCH')) throw error
    await rm(part, { force: true })
    // The bytes that were kept may be the wrong ones; the source gets one clean chance.
    if (before.bytes === 0) throw error
    content.onBytes?.(-before.bytes, 'reused')
    await append(content, part, { hash: hashFor(content.descriptor), bytes: 0 }).catch(async (again) => {
      if (hasCode(again, 'DIGEST_MISMATCH', 'SIZE_MISMATCH')) await rm(part, { force: true })
      throw again
    })
  }
}

interface Before {
  hash: Hash
  bytes: number
}

async function hashExisting(part: string, { descriptor, signal }: Content): Promise<Before> {
  const hash = hashFor(descriptor)
  const size = await stat(part).then(
    (stats) => stats.size,
    () => 0,
  )
  if (size === 0 || size > descriptor.size) {
    await rm(part, { force: true })
    return { hash, bytes: 0 }
  }
  const existing = readRange({ path: part, offset: 0, size }, signal ? { signal } : {})
  for await (const chunk of existing) hash.update(chunk)
  return { hash, bytes: size }
}

async function append(content: Content, part: string, before: Before): Promise<void> {
  const { descriptor } = content
  content.onBytes?.(before.bytes, 'reused')
  if (before.bytes === descriptor.size) {
    checkDigest(before.hash, descriptor)
    return
  }
  const bytes = verified(content.open(before.bytes), descriptor, {
    before,
    ...(content.signal ? { signal: content.signal } : {}),
  })
  const file: FileHandle = await inWords(`Writing ${part}`, 'destination', () =>
    open(part, before.bytes > 0 ? 'r+' : 'w'),
  )
  try {
    await writeBytes(file, bytes, before.bytes, (count) => content.onBytes?.(count, 'copied'))
    await inWords(`Writing ${part}`, 'destination', () => file.sync())
  } finally {
    await file.close()
  }
}

/** Gives a file that is whole, checked and synced its place among the blobs. */
export async function publish(places: Places, descriptor: Descriptor, part: string): Promise<void> {
  const target = places.blob(descriptor.digest)
  await inWords(`Writing ${target}`, 'destination', async () => {
    await makeFolder(path.dirname(target))
    await chmod(part, 0o444)
    await rename(part, target)
    await syncFolder(path.dirname(target))
  })
}
