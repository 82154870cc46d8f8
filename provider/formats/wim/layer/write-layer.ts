import { throwIfAborted } from '../../../../manifests/index.js'
import { BLOCK } from '../../../archives/members/tar-header.js'
import type { Writes } from '../read/decode-job.js'
import { hasLargeChunks } from '../read/large-chunks.js'
import { type Run as DecodedRun, isLast, readRuns } from '../read/read-blobs.js'
import type { WimBlob } from '../read/resource-table.js'
import type { Piece } from '../read/stream-plan.js'
import type { UnitDecoder } from '../read/unit-decoder.js'
import type { Wim } from '../read/wim.js'
import type { PlacedImage } from './choose-images.js'
import type { LayerContents } from './contents.js'
import type { LayerEntry } from './layer-entry.js'
import { type Layout, layOut, membersOf } from './layout.js'
import { linuxMembers, type MemberOf, windowsMembers } from './member.js'
import { linkTarget, TAG_JUNCTION, TAG_SYMLINK, unixTarget } from './reparse.js'
import { RunWriter } from './run-writer.js'

export interface WriteLayerOptions {
  signal?: AbortSignal
  /** All bytes before this position of the file are final. */
  ready(upTo: number): void
  /** So many bytes of files were expanded and checked since the last call. */
  onBytes?(count: number): void
}

/** Of the trees' metadata; some thirty thousand entries. */
const LARGE_TREE = 5 << 20

/**
 * How many workers expand the WIM: all there are, but only one if chunks are very large and the tree also
 * takes much memory. The other cores hash and write meanwhile.
 */
export function workersFor(wim: Wim, images: readonly PlacedImage[]): number | undefined {
  const tree = images.reduce((sum, { info }) => sum + (wim.metadata[info.index - 1]?.size ?? 0), 0)
  return tree >= LARGE_TREE && hasLargeChunks(wim) ? 1 : undefined
}

const NO_TARGET = () => ''

/** Two blocks of zeros end a tar. */
const END_BYTES = 2 * BLOCK

/**
 * A layer whose first part has its places: everything but the links, whose headers depend on bytes of the
 * WIM. They are read along with the files, and come after them.
 */
export class LayerPlan {
  private readonly memberOf: MemberOf
  private readonly first: Layout

  constructor(
    private readonly wim: Wim,
    readonly contents: LayerContents,
  ) {
    this.memberOf = contents.os === 'linux' ? linuxMembers() : windowsMembers()
    this.first = layOut(wim, contents.first, this.memberOf, NO_TARGET, 0)
  }

  /** Bytes of all files, as they will be expanded: what takes the time. */
  get contentBytes(): number {
    return this.first.blobs.reduce((sum, { size }) => sum + size, 0)
  }

  /** Bytes of the tar, links as large as they can be. */
  get sizeAtMost(): number {
    const perLink = 4 * BLOCK
    const links = this.contents.last.reduce(
      (sum, { blob, name }) => sum + perLink + (blob?.size ?? 0) + name.length,
      0,
    )
    return this.first.end + links + END_BYTES
  }

  /**
   * Writes the tar into an open, empty file; returns its size.
   * @throws what reading the WIM throws; NO_SPACE
   */
  async write(fd: number, decoder: UnitDecoder, options: WriteLayerOptions): Promise<number> {
    const { wim, memberOf, contents } = this
    const buffers = reparseBuffers(contents)
    const run = { fd, decoder, options }
    const firstMembers = membersOf(wim, contents.first, memberOf, NO_TARGET)
    await writeRun({ ...run, layout: this.first, members: firstMembers, collect: buffers })
    const targetOf = (one: LayerEntry): string => target(wim, one, contents.os, buffers)
    const last = layOut(wim, contents.last, memberOf, targetOf, this.first.end)
    const lastMembers = membersOf(wim, contents.last, memberOf, targetOf)
    await writeRun({ ...run, layout: last, members: lastMembers, collect: new Map() })
    return last.end + END_BYTES
  }
}

interface Run {
  fd: number
  decoder: UnitDecoder
  options: WriteLayerOptions
  layout: Layout
  members: ReturnType<typeof membersOf>
  /** Blobs whose bytes are also kept in memory, filled in here. */
  collect: Map<WimBlob, Buffer>
}

async function writeRun(work: Run): Promise<void> {
  const { fd, decoder, options, layout, members, collect } = work
  const { signal, ready, onBytes } = options
  const writer = new RunWriter(fd, layout, members)
  const of = (pieces: readonly Piece[]): Writes => writer.writesOf(pieces)
  const wanted = [...writer.blobs, ...collect.keys()]
  const parts = new Map<WimBlob, Buffer[]>()
  for await (const run of readRuns(wanted, { decoder, writes: { fd, of }, signal })) {
    throwIfAborted(signal)
    if (collect.size > 0) collectFrom(run, collect, parts)
    // Contents without bytes come before all units.
    if (run.bytes.length === 0) continue
    const { bytes, finalUpTo } = writer.written()
    onBytes?.(bytes)
    ready(finalUpTo)
  }
  ready(writer.end())
}

/** Keeps the bytes that are also wanted in memory. */
function collectFrom(
  { pieces, bytes }: DecodedRun,
  collect: Map<WimBlob, Buffer>,
  parts: Map<WimBlob, Buffer[]>,
): void {
  for (const piece of pieces) {
    const { blob, at, size } = piece
    if (!collect.has(blob)) continue
    const whole = gather(parts, blob, bytes.subarray(at, at + size), isLast(piece))
    if (whole) collect.set(blob, Buffer.from(whole))
  }
}

/** A small blob may lie across two units. */
function gather(
  parts: Map<WimBlob, Buffer[]>,
  blob: WimBlob,
  bytes: Buffer,
  last: boolean,
): Buffer | undefined {
  const before = parts.get(blob)
  if (last && !before) return bytes
  const all = [...(before ?? []), Buffer.from(bytes)]
  if (!last) {
    parts.set(blob, all)
    return undefined
  }
  parts.delete(blob)
  return Buffer.concat(all)
}

/** Where the buffers of links will be kept: a target is needed when all files are written. */
function reparseBuffers(contents: LayerContents): Map<WimBlob, Buffer> {
  const found = new Map<WimBlob, Buffer>()
  for (const { kind, blob } of contents.last)
    if (blob && (kind === 'symlink' || kind === 'junction')) found.set(blob, Buffer.alloc(0))
  return found
}

function target(
  wim: Wim,
  one: LayerEntry,
  os: LayerContents['os'],
  buffers: ReadonlyMap<WimBlob, Buffer>,
): string {
  const buffer = (one.blob && buffers.get(one.blob)) ?? Buffer.alloc(0)
  const place = { file: wim.name, resource: `reparse point of ${one.entry.path}` }
  const tag = one.kind === 'junction' ? TAG_JUNCTION : TAG_SYMLINK
  return os === 'linux' ? unixTarget(tag, buffer, place) : linkTarget(tag, buffer, place)
}
