import { createHash } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { ContainerImageError, type Digest, throwIfAborted } from '../../../manifests/index.js'
import { layerEntries } from '../../archives/layers/layer-entries.js'
import { whiteoutIn } from '../../archives/layers/whiteout.js'
import { decompressed, type FileCompression } from '../../archives/members/compression.js'
import { streamCursor } from '../../archives/members/cursor.js'
import { rootfsName } from '../../archives/members/member-names.js'
import type { Bytes } from '../../io/bytes.js'
import { readRange } from '../../io/files/read-range.js'
import { elfArchitecture } from './elf.js'
import { type MendPlan, MendPlanner } from './mend-plan.js'
import { mendedTar } from './mended-tar.js'

/** What one pass over the tarball of a root filesystem finds out. */
export interface RootfsFacts {
  /** Digest of the file as it is. */
  fileDigest: Digest
  fileSize: number
  /** Digest of the uncompressed tar. */
  diffId: Digest
  tarSize: number
  /** The newest time of any member, in seconds since 1970: the same file always gives the same image. */
  newest: number
  entries: number
  /** Content of os-release, wherever it is. */
  osRelease?: string
  /** By the first program found. */
  architecture?: string
  hasShell: boolean
  /** Whether it is the layer of a Windows base image: `Files/` at the root. */
  isWindows: boolean
  /** What has to be mended in it; if anything, digest and size of the tar are those of the mended one. */
  mend: MendPlan
}

const OS_RELEASE_LIMIT = 64 * 1024

/**
 * Reads the tarball once: hashes it, compressed and not, and looks at what it holds.
 * @throws ARCHIVE_INVALID where it is cut short or damaged; UNSAFE_NAME for `..`, absolute names, and whiteouts of
 * more than one thing
 */
export async function examineRootfs(
  path: string,
  kind: FileCompression,
  signal?: AbortSignal,
): Promise<RootfsFacts> {
  const { size } = await stat(path)
  const file = createHash('sha256')
  const tar = createHash('sha256')
  let tarSize = 0
  async function* counted(): Bytes {
    for await (const chunk of readRange({ path, offset: 0, size }, { signal })) {
      if (kind !== 'none') file.update(chunk)
      yield chunk
    }
  }
  async function* hashedTar(): Bytes {
    for await (const chunk of decompressed(counted(), kind, path)) {
      throwIfAborted(signal)
      tar.update(chunk)
      tarSize += chunk.length
      yield chunk
    }
  }
  const cursor = streamCursor(hashedTar())
  const seen = await look(cursor, path).finally(() => cursor.close())
  const asItIs = `sha256:${tar.digest('hex')}`
  const facts = {
    ...seen,
    fileDigest: kind === 'none' ? asItIs : `sha256:${file.digest('hex')}`,
    fileSize: size,
  }
  if (seen.mend.notes.length === 0) return { ...facts, diffId: asItIs, tarSize }
  return { ...facts, ...(await hashed(mendedTar(unpacked(path, size, kind, signal), seen.mend, path))) }
}

/** The bytes of the tar. */
export function unpacked(path: string, size: number, kind: FileCompression, signal?: AbortSignal): Bytes {
  return decompressed(readRange({ path, offset: 0, size }, { signal }), kind, path)
}

async function hashed(bytes: Bytes): Promise<{ diffId: Digest; tarSize: number }> {
  const hash = createHash('sha256')
  let tarSize = 0
  for await (const chunk of bytes) {
    hash.update(chunk)
    tarSize += chunk.length
  }
  return { diffId: `sha256:${hash.digest('hex')}`, tarSize }
}

type Seen = Omit<RootfsFacts, 'fileDigest' | 'fileSize' | 'diffId' | 'tarSize'>

async function look(cursor: ReturnType<typeof streamCursor>, path: string): Promise<Seen> {
  const planner = new MendPlanner(path)
  const seen: Omit<Seen, 'mend'> = { newest: 0, entries: 0, hasShell: false, isWindows: false }
  const releases = new Map<string, string>()
  const walk = layerEntries(cursor, path, 'linux')
  let wrongOnWindows: unknown
  for (;;) {
    const step = await walk.next()
    if (step.done) {
      checkEnded(step.value, path, cursor.position)
      break
    }
    const { entry } = step.value
    const name = rootfsName(entry.rawName, path)
    wrongOnWindows ??= whatIsWrongOnWindows(entry.rawName, path)
    planner.add(entry)
    seen.entries++
    seen.newest = Math.max(seen.newest, entry.mtime)
    if (name === 'Files' || name.startsWith('Files/')) seen.isWindows = true
    if (name === 'bin/sh' || name === 'usr/bin/sh') seen.hasShell = true
    if (entry.kind !== 'file') continue
    if (isOsRelease(name) && entry.size <= OS_RELEASE_LIMIT)
      releases.set(name, Buffer.from(await cursor.take(entry.size)).toString('utf8'))
    else if (!seen.architecture && isProgram(name) && entry.size >= 20) {
      const architecture = elfArchitecture(await cursor.take(20))
      if (architecture) seen.architecture = architecture
    }
  }
  if (seen.isWindows && wrongOnWindows) throw wrongOnWindows
  await drain(cursor)
  const osRelease = releases.get('etc/os-release') ?? releases.get('usr/lib/os-release')
  return { ...seen, mend: planner.plan(), ...(osRelease === undefined ? {} : { osRelease }) }
}

/** Which system the tarball is for is known only when all of it has been read. */
function whatIsWrongOnWindows(rawName: string, path: string): unknown {
  try {
    whiteoutIn(rawName, 'windows', path)
    return undefined
  } catch (error) {
    return error
  }
}

/** A tar without its end mark may have lost members; nothing else would show it. */
function checkEnded(ended: boolean, path: string, position: number): void {
  if (ended) return
  throw new ContainerImageError('ARCHIVE_INVALID', `${path} is cut short, at byte ${position}.`, {
    side: 'source',
    expected: 'a block of zeros at the end of the tar',
    found: 'the end of the file',
  })
}

/** Anything after the end mark belongs to the bytes, and so to the diff id. */
async function drain(cursor: ReturnType<typeof streamCursor>): Promise<void> {
  for await (const _ of cursor.rest(Number.POSITIVE_INFINITY));
}

function isOsRelease(name: string): boolean {
  return name === 'etc/os-release' || name === 'usr/lib/os-release'
}

function isProgram(name: string): boolean {
  return /^(usr\/)?s?bin\/[^/]+$/.test(name) || /^(usr\/)?lib(64)?\/ld-[^/]+$/.test(name)
}
