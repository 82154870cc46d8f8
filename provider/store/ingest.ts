import type { Hash } from 'node:crypto'
import { type FileHandle, lstat } from 'node:fs/promises'
import path from 'node:path'
import { type Descriptor, hasCode } from '../../manifests/index.js'
import type { Content } from '../copy/ports.js'
import { checkDigest, hashFor, sizeMismatch, verified } from '../copy/verified.js'
import { type VerifiedRangeOptions, verifiedRange } from '../copy/verified-range.js'
import type { FileRange } from '../io/bytes.js'
import { closedAfter } from '../io/closing/closing.js'
import { type Held, publishFile } from '../io/files/durable.js'
import { makeFolderBelow } from '../io/files/folder-below.js'
import { takeLock, UNTIL_DONE_MS, unlessLost } from '../io/files/lock.js'
import { clearName, openNew, openOwn, sizeLeft } from '../io/files/own-file.js'
import { readRange } from '../io/files/read-range.js'
import { removePath } from '../io/files/rename-and-remove.js'
import { inWords } from '../io/files/system-errors.js'
import { writeBytes } from '../io/files/write-bytes.js'
import type { Hasher } from '../io/hashing/hasher.js'
import { beforeNow } from './file-marks.js'
import type { Places } from './places.js'
import type { Store } from './store.js'

/** Whether a blob is there with its full size; `CheckedBlobs` says whether its bytes are right. */
export async function hasBlob(places: Places, descriptor: Descriptor): Promise<boolean> {
  try {
    const stats = await lstat(places.blob(descriptor.digest))
    return stats.isFile() && stats.size === descriptor.size
  } catch {
    return false
  }
}

export interface IngestOptions {
  /** Replace one that is already there, which may be damaged. */
  again?: boolean
}

/**
 * Adds one blob to the store: written to an ingest file, checked, synced, renamed, and the folder synced (the
 * order of containerd's content store). What an interrupted run left of it is used. Two processes that add
 * the same blob take turns, and the second finds it there.
 * @throws DIGEST_MISMATCH, SIZE_MISMATCH, NO_SPACE, PERMISSION_DENIED and what the source throws
 */
export async function ingest(
  store: Store,
  content: Content,
  hasher: Hasher,
  options: IngestOptions = {},
): Promise<void> {
  const { descriptor } = content
  const part = store.places.ingest(descriptor.digest)
  const signal = { signal: content.signal }
  const lock = await takeLock(`${part}.lock`, { ...signal, patience: UNTIL_DONE_MS })
  try {
    if (!options.again && (await store.checked.has(descriptor, hasher, content.signal))) {
      content.onBytes?.(descriptor.size, 'reused')
      return
    }
    await publish(store, descriptor, await bring(content, { part, lock }, hasher), lock)
  } finally {
    await lock.release()
  }
}

/** Where an incoming blob is, and the lock that is held on it. */
interface OnItsWay {
  part: string
  lock: Held
}

/** @returns where the bytes are now, complete and checked */
async function bring(content: Content, on: OnItsWay, hasher: Hasher): Promise<string> {
  const { range } = content
  const { part } = on
  if (range?.mayTake) return await take(content, range, part, hasher)
  if (range) await copyRange(content, range, on, hasher)
  else await receive(content, on)
  return part
}

/** From a file on this machine: hashed and copied in one pass, on another thread. */
async function copyRange(
  content: Content,
  range: FileRange,
  { part, lock }: OnItsWay,
  hasher: Hasher,
): Promise<void> {
  const { descriptor } = content
  if (range.size !== descriptor.size) throw sizeMismatch(descriptor, range.size, range.path)
  const target = { path: part, offset: 0, create: true, writesBack: true }
  await inWords(`Writing ${part}`, 'destination', () => clearName(part))
  try {
    await verifiedRange(hasher, range, descriptor, { target, ...hashOptions(content, range) })
  } catch (error) {
    throw await closedAfter(error, () => removePart({ part, lock }))
  }
}

/**
 * A file that got into the store in another way: hashed in place unless it was hashed while it was written.
 * @returns where it is
 */
async function take(content: Content, range: FileRange, part: string, hasher: Hasher): Promise<string> {
  const { descriptor } = content
  if (range.size !== descriptor.size) throw sizeMismatch(descriptor, range.size, range.path)
  if (range.isVerified) content.onBytes?.(range.size, 'copied')
  else await verifiedRange(hasher, range, descriptor, hashOptions(content, range))
  // What an interrupted run left of it is not needed any more.
  await inWords(`Writing ${part}`, 'destination', () => clearName(part))
  return range.path
}

function hashOptions({ signal, onBytes }: Content, { path: label }: FileRange): VerifiedRangeOptions {
  return { label, onBytes: (count) => onBytes?.(count, 'copied'), signal }
}

/** From a stream: what is already there is hashed first, and the source is asked for the rest. */
async function receive(content: Content, { part, lock }: OnItsWay): Promise<void> {
  const before = await hashExisting(part, content)
  try {
    await append(content, part, before)
  } catch (error) {
    if (!hasCode(error, 'DIGEST_MISMATCH', 'SIZE_MISMATCH')) throw error
    await removePart({ part, lock })
    // The bytes that were kept may be the wrong ones; the source gets one clean chance.
    if (before.bytes === 0) throw error
    content.onBytes?.(-before.bytes, 'reused')
    await append(content, part, { hash: hashFor(content.descriptor), bytes: 0 }).catch(async (again) => {
      if (hasCode(again, 'DIGEST_MISMATCH', 'SIZE_MISMATCH')) await removePart({ part, lock })
      throw again
    })
  }
}

async function removePart({ part, lock }: OnItsWay): Promise<void> {
  await unlessLost(lock, () => removePath(part))
}

interface Before {
  hash: Hash
  bytes: number
}

async function hashExisting(part: string, { descriptor, signal }: Content): Promise<Before> {
  const hash = hashFor(descriptor)
  const size = await inWords(`Writing ${part}`, 'destination', () => sizeLeft(part))
  if (!size || size > descriptor.size) {
    await inWords(`Writing ${part}`, 'destination', () => clearName(part))
    return { hash, bytes: 0 }
  }
  const existing = readRange({ path: part, offset: 0, size }, { signal })
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
    signal: content.signal,
  })
  const file: FileHandle = await inWords(`Writing ${part}`, 'destination', () =>
    before.bytes > 0 ? openOwn(part) : openNew(part),
  )
  try {
    const onBytes = (count: number): void => content.onBytes?.(count, 'copied')
    await writeBytes(file, bytes, before.bytes, onBytes, descriptor.size - before.bytes)
  } finally {
    await file.close()
  }
}

/** Moves a complete, checked file to its place among the blobs. @throws LOCK_LOST */
export async function publish(
  { places, checked }: Store,
  descriptor: Descriptor,
  part: string,
  lock: Held,
): Promise<void> {
  const target = places.blob(descriptor.digest)
  await inWords(`Writing ${target}`, 'destination', async () => {
    await makeFolderBelow(places.root, path.dirname(target))
    await publishFile(part, target, { mode: 0o444, modified: beforeNow(), lock })
  })
  await checked.note(descriptor.digest)
}
