import { createHash } from 'node:crypto'
import path from 'node:path'
import { ContainerImageError, hasCode } from '../../manifests/index.js'
import type { Bytes } from '../io/bytes.js'
import { closing } from '../io/closing/closing.js'
import { type Held, makeFolder, publishFile } from '../io/files/durable.js'
import { takeLock, unlessLost } from '../io/files/lock.js'
import { clearName, openNew, openOwn, sizeLeft } from '../io/files/own-file.js'
import { readRange } from '../io/files/read-range.js'
import { removePath } from '../io/files/rename-and-remove.js'
import { checkSpace } from '../io/files/space.js'
import { inWords } from '../io/files/system-errors.js'
import { writeBytes } from '../io/files/write-bytes.js'
import type { OnProgress } from '../io/progress.js'

/** A file behind a URL, opened from an offset. */
export interface RemoteFile {
  size?: number
  bytes: Bytes
  close(): Promise<void>
}

export interface DownloadOptions {
  /** For the display. */
  label: string
  /** What the index says of the file; both are checked if they are given. */
  sha256?: string
  size?: number
  /** The lock under which the file gets its name, in addition to that of its part. */
  lock?: Held
  signal?: AbortSignal
  onProgress?: OnProgress
}

/** In bytes. What was `reused` was there from an earlier run. */
export interface Downloaded {
  sha256: string
  size: number
  fetchedBytes: number
  reusedBytes: number
}

/**
 * Fetches a file under its name. It comes as `NAME.part` and has its name only when it was verified; an
 * interrupted run is continued by the next.
 * @throws DIGEST_MISMATCH, SIZE_MISMATCH, NO_SPACE and what opening and reading throws
 */
export async function download(
  file: string,
  openAt: (from: number) => Promise<RemoteFile>,
  options: DownloadOptions,
): Promise<Downloaded> {
  const part = `${file}.part`
  await inWords(`Writing ${file}`, 'destination', () => makeFolder(path.dirname(file)))
  const lock = await takeLock(`${part}.lock`, { signal: options.signal })
  try {
    return await fetchAndCheck({ file, part, lock: both(lock, options.lock) }, openAt, options)
  } finally {
    await lock.release()
  }
}

interface Target {
  file: string
  part: string
  lock: Held
}

function both(one: Held, other: Held | undefined): Held {
  return {
    async check() {
      await one.check()
      await other?.check()
    },
  }
}

async function fetchAndCheck(
  { file, part, lock }: Target,
  openAt: (from: number) => Promise<RemoteFile>,
  options: DownloadOptions,
): Promise<Downloaded> {
  const hash = createHash('sha256')
  const kept = await hashKept(part, hash, options)
  const fetched = await fetchRest(part, kept, openAt, hash, options)
  const found = hash.digest('hex')
  try {
    check(options, found, kept + fetched)
  } catch (error) {
    await unlessLost(lock, () => removePath(part))
    // What an earlier run left may be of another file; the source gets one clean chance.
    if (kept > 0 && hasCode(error, 'DIGEST_MISMATCH', 'SIZE_MISMATCH'))
      return await fetchAndCheck({ file, part, lock }, openAt, options)
    throw error
  }
  await inWords(`Writing ${file}`, 'destination', () => publishFile(part, file, { lock }))
  return { sha256: found, size: kept + fetched, fetchedBytes: fetched, reusedBytes: kept }
}

async function hashKept(
  part: string,
  hash: ReturnType<typeof createHash>,
  options: DownloadOptions,
): Promise<number> {
  const size = await inWords(`Writing ${part}`, 'destination', () => sizeLeft(part))
  // Without a hash to compare with in the end, bytes of unknown age are not trusted.
  if (!size || options.sha256 === undefined || (options.size !== undefined && size > options.size)) {
    await inWords(`Writing ${part}`, 'destination', () => clearName(part))
    return 0
  }
  for await (const chunk of readRange({ path: part, offset: 0, size }, { signal: options.signal }))
    hash.update(chunk)
  return size
}

async function fetchRest(
  part: string,
  kept: number,
  openAt: (from: number) => Promise<RemoteFile>,
  hash: ReturnType<typeof createHash>,
  options: DownloadOptions,
): Promise<number> {
  const id = options.label
  const remote = await openAt(kept)
  const total = remote.size ?? options.size
  options.onProgress?.({ type: 'begin', task: `Fetching ${options.label}`, total: total ?? 0 })
  options.onProgress?.({ type: 'blob', id, label: options.label, size: total ?? 0 })
  if (kept > 0) options.onProgress?.({ type: 'bytes', id, count: kept, kind: 'reused' })
  let fetched = 0
  const toldEnd = (): void => {
    options.onProgress?.({ type: 'blob-end', id })
    options.onProgress?.({ type: 'end', task: `Fetching ${options.label}` })
  }
  await closing([remote, toldEnd], async () => {
    if (total !== undefined) await checkSpace(part, total - kept)
    const handle = await inWords(`Writing ${part}`, 'destination', () =>
      kept > 0 ? openOwn(part) : openNew(part),
    )
    try {
      await writeBytes(handle, hashed(remote.bytes, hash), kept, (count) => {
        fetched += count
        options.onProgress?.({ type: 'bytes', id, count, kind: 'copied' })
      })
    } finally {
      await handle.close()
    }
  })
  return fetched
}

async function* hashed(bytes: Bytes, hash: ReturnType<typeof createHash>): Bytes {
  for await (const chunk of bytes) {
    hash.update(chunk)
    yield chunk
  }
}

function check(options: DownloadOptions, sha256: string, size: number): void {
  if (options.size !== undefined && size !== options.size)
    throw new ContainerImageError('SIZE_MISMATCH', `${options.label} has another size than the index says.`, {
      side: 'source',
      expected: `${options.size} bytes`,
      found: `${size} bytes`,
    })
  if (options.sha256 !== undefined && sha256 !== options.sha256)
    throw new ContainerImageError(
      'DIGEST_MISMATCH',
      `${options.label} is not the file that the index names.`,
      {
        side: 'source',
        expected: `sha256 ${options.sha256}`,
        found: `sha256 ${sha256}`,
      },
    )
}
