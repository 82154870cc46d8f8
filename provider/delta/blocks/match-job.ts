import { closeSync, readSync } from 'node:fs'
import { BUFFER_BYTES } from '../../io/files/buffer-size.js'
import { openRegularSync } from '../../io/files/regular-file.js'
import { doing } from '../../io/threads/plain-failure.js'
import { BaseReader } from './base-reader.js'
import { Kernel, MARGIN } from './kernel/kernel.js'
import { SegmentBuilder } from './segment-builder.js'
import type { SharedState } from './shared-state.js'
import type { Answers, MatchTask, RawSegment, Stream } from './task.js'
import { UNPACK_MEMORY, unpackInto } from './unpack-job.js'

const PAGE_BITS = 16
const PAGE = 2 ** PAGE_BITS
/** How many bytes of the base are in memory at once. */
const CACHE = 48 * 1024 * 1024
/** The new stream is processed in pieces of this size. */
const WINDOW = BUFFER_BYTES
const MOST_SLOTS = 23
/** No layer has more bytes of tokens; this determines the size of the page table. */
export const MOST_STREAM = 2 ** 38
/** How many segments may wait to be compressed. */
const MOST_QUEUED = 2

/** Tokens are about half as large again as what they are made from; the estimate determines the size of the table. */
const TOKENS_A_BYTE = 1.5
/** The most that a byte of deflate can become: a match takes at least two bits, and four bytes as a token. */
export const MOST_TOKENS_A_BYTE = 17

/** @throws Trouble, Stopped */
export function runMatch(
  task: MatchTask,
  module: WebAssembly.Module,
  state: SharedState,
  handOver: (segment: RawSegment) => void,
  onBytes: (count: number) => void,
): Answers['match'] {
  const matcher = new Matcher(task, module, state)
  try {
    const sizes = task.bases.map((base) => matcher.addBase(base, onBytes))
    const builder = new SegmentBuilder((segment) => {
      handOver(segment)
      state.handOver(MOST_QUEUED)
    })
    const size = matcher.matchStream(task.next, builder, onBytes)
    const { copies, copied, literal } = builder
    return { sizes, size, copies, copied, literal }
  } finally {
    matcher.close()
  }
}

class Matcher {
  private readonly kernel: Kernel
  private readonly pageTable: number
  private readonly table: number
  private readonly slots: number
  private readonly rarity: number
  private readonly cache: number
  private readonly cachedPages: Int32Array
  private nextSlot = 0
  private reader: BaseReader | undefined
  private readonly streams: Stream[] = []
  private baseSize = 0

  constructor(
    task: MatchTask,
    module: WebAssembly.Module,
    private readonly state: SharedState,
  ) {
    const unpacked = task.bases.filter(({ unpackInto }) => unpackInto !== undefined).length
    let estimate = 0
    let bound = 0
    for (const { from, unpackInto } of task.bases) {
      estimate += from.size * (unpackInto === undefined ? 1 : TOKENS_A_BYTE)
      bound += from.size * (unpackInto === undefined ? 1 : MOST_TOKENS_A_BYTE) + PAGE
    }
    const pages = Math.ceil(bound / PAGE)
    const cachePages = Math.min(CACHE / PAGE, pages)
    this.rarity = Math.max(6, Math.ceil(Math.log2(estimate) - MOST_SLOTS))
    this.slots = Math.min(MOST_SLOTS, Math.max(12, Math.ceil(Math.log2(estimate)) + 1 - this.rarity))
    const sizes = [8 * 2 ** this.slots, 4 * pages, cachePages * PAGE, 6 * WINDOW, unpacked * UNPACK_MEMORY]
    this.kernel = new Kernel(
      module,
      sizes.reduce((sum, size) => sum + size + MARGIN, 4 * BUFFER_BYTES),
      (page) => this.loadPage(page),
    )
    this.table = this.kernel.take(8 * 2 ** this.slots)
    this.pageTable = this.kernel.take(4 * pages)
    this.cache = this.kernel.take(cachePages * PAGE)
    this.cachedPages = new Int32Array(cachePages).fill(-1)
    this.start()
  }

  close(): void {
    this.reader?.close()
  }

  /** Enters a base; returns the size of its stream. */
  addBase({ from, unpackInto }: MatchTask['bases'][number], onBytes: (count: number) => void): number {
    const start = this.baseSize
    if (unpackInto === undefined) {
      this.addPlain({ range: from }, onBytes)
      this.streams.push({ range: from })
      this.baseSize += from.size
      return from.size
    }
    const size = this.addTokens(from, unpackInto, start, onBytes)
    this.streams.push({ range: { path: unpackInto, offset: 0, size } })
    this.baseSize += size
    return size
  }

  private addTokens(
    from: MatchTask['bases'][number]['from'],
    to: string,
    start: number,
    onBytes: (count: number) => void,
  ): number {
    let before = 0
    return unpackInto(this.kernel, from, to, from.size * MOST_TOKENS_A_BYTE + PAGE, (upTo, address, size) => {
      this.state.checkpoint()
      this.kernel.exports.addBase(address, size, BigInt(start + before))
      before = upTo
      onBytes(size)
    })
  }

  private addPlain(stream: Stream, onBytes: (count: number) => void): void {
    const piece = this.kernel.take(WINDOW)
    this.eachPiece(stream, piece, (size, position) => {
      this.kernel.exports.addBase(piece, size, BigInt(this.baseSize + position))
      onBytes(size)
    })
  }

  /** Reads a stream, even while it is being written, in pieces into the kernel's memory; returns its size. */
  private eachPiece(
    { range, number }: Stream,
    address: number,
    take: (size: number, position: number) => void,
  ): number {
    // By then its writer has created the file.
    if (number !== undefined) this.state.waitFor(number, 1)
    const fd = doing(`Reading ${range.path}`, 'source', () => openRegularSync(range.path))
    try {
      for (let position = 0; ; ) {
        this.state.checkpoint()
        const wanted = Math.min(WINDOW, range.size - position)
        if (number !== undefined) this.state.waitFor(number, position + wanted)
        const target = this.kernel.bytes.subarray(address, address + wanted)
        const count = doing(`Reading ${range.path}`, 'source', () =>
          wanted > 0 ? readSync(fd, target, 0, wanted, range.offset + position) : 0,
        )
        if (count === 0) return position
        take(count, position)
        position += count
      }
    } finally {
      closeSync(fd)
    }
  }

  matchStream(next: Stream, builder: SegmentBuilder, onBytes: (count: number) => void): number {
    this.reader = new BaseReader(this.streams, this.state)
    this.start()
    const { exports, bytes } = this.kernel
    const window = this.kernel.take(WINDOW)
    const size = this.eachPiece(next, window, (count) => {
      exports.match(window, count)
      let at = window
      for (let i = 0; i < exports.foundCount.value; i++) {
        const note = this.found + 16 * i
        const literals = bytes.readUInt32LE(note)
        const copied = bytes.readUInt32LE(note + 4)
        builder.addLiterals(bytes.subarray(at, at + literals))
        if (copied > 0) builder.addCopy(Number(bytes.readBigUInt64LE(note + 8)), copied)
        at += literals + copied
      }
      exports.moveMatch(BigInt(count))
      onBytes(count)
    })
    builder.flush()
    return size
  }

  private found = 0

  private start(): void {
    if (this.found === 0) this.found = this.kernel.take(4 * WINDOW)
    this.kernel.exports.startMatch(
      ...([this.table, this.slots, this.rarity, this.pageTable, PAGE_BITS] as const),
      BigInt(this.baseSize),
      this.found,
    )
  }

  private loadPage(page: number): number {
    const { bytes } = this.kernel
    const slot = this.nextSlot
    this.nextSlot = (slot + 1) % this.cachedPages.length
    const gone = this.cachedPages[slot] as number
    if (gone >= 0) bytes.writeUInt32LE(0, this.pageTable + 4 * gone)
    const address = this.cache + slot * PAGE
    const start = page * PAGE
    const size = Math.min(PAGE, this.baseSize - start)
    this.reader?.read(bytes.subarray(address, address + size), start)
    this.cachedPages[slot] = page
    bytes.writeUInt32LE(address, this.pageTable + 4 * page)
    return address
  }
}
