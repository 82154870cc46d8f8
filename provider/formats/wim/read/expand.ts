import { readSync } from 'node:fs'
import { align, type Decoders, isWindowed, SLACK, WINDOWS_SIZE } from '../codecs/decoders.js'
import {
  type BlobsJob,
  type ChunksJob,
  type DecodeJob,
  type Fault,
  type JobFrame,
  numberAt,
  type SolidJob,
} from './decode-job.js'
import { chunkCount, PIPABLE_CHUNK_HEAD, tableEntrySize } from './resource.js'

/** Reads what a job needs of the file and expands it to its place in the memory. */
export function expand(decoders: Decoders, job: DecodeJob, faults: Fault[]): void {
  switch (job.kind) {
    case 'plain':
      decoders.reserve(job.output + job.size + SLACK)
      readInto(decoders, job.fd, job.output, job.start, job.size, faults)
      return
    case 'blobs':
      expandBlobs(decoders, job, faults)
      return
    case 'chunks':
      expandChunks(decoders, job, faults)
      return
    case 'solid':
      expandSolid(decoders, job, faults)
      return
  }
}

/** Reads bytes of the file into the memory; what the file lacks becomes a fault of the whole output. */
function readInto(
  decoders: Decoders,
  fd: number,
  to: number,
  start: number,
  size: number,
  faults: Fault[],
): boolean {
  let done = 0
  while (done < size) {
    const read = readSync(fd, decoders.bytes, to + done, Math.min(size - done, 1 << 30), start + done)
    if (read === 0) {
      const what = 'the file ended while it was read'
      faults.push({ from: 0, to: Number.MAX_SAFE_INTEGER, offset: start + done, what })
      return false
    }
    done += read
  }
  return true
}

function expandBlobs(decoders: Decoders, job: BlobsJob & JobFrame, faults: Fault[]): void {
  const { resources, start, end } = job
  const size = end - start
  if (liesAsItIs(resources, start, end)) {
    decoders.reserve(job.output + size + SLACK)
    readInto(decoders, job.fd, job.output, start, size, faults)
    return
  }
  decoders.reserve(job.input + size + SLACK)
  if (!readInto(decoders, job.fd, job.input, start, size, faults)) return
  let output = 0
  for (let i = 0; i < resources.length; i += 4) {
    const at = job.input + numberAt(resources, i) - start
    const stored = numberAt(resources, i + 1)
    const expanded = numberAt(resources, i + 2)
    if (resources[i + 3] === 0) decoders.bytes.copyWithin(job.output + output, at, at + stored)
    else {
      const chunks = chunkCount(expanded, job.chunkSize)
      const tableSize = (chunks - 1) * tableEntrySize(expanded)
      const layout = {
        compression: job.compression,
        chunkSize: job.chunkSize,
        pipable: job.pipable,
        originalSize: expanded,
        first: 0,
        count: chunks,
        data: job.pipable ? at : at + tableSize,
        dataSize: stored - tableSize,
        table: job.pipable ? at + stored - tableSize : at,
        origin: numberAt(resources, i) - at,
      }
      expandTabled(decoders, layout, job.output + output, job.output, faults)
    }
    output += expanded
  }
}

/** Whether nothing of it is compressed and nothing else lies between. */
function liesAsItIs(resources: Float64Array, start: number, end: number): boolean {
  let at = start
  for (let i = 0; i < resources.length; i += 4) {
    if (resources[i + 3] !== 0 || resources[i] !== at) return false
    at += numberAt(resources, i + 1)
  }
  return at === end
}

/** Reads the entries of the table that the chunks need, then the chunks. */
function expandChunks(decoders: Decoders, job: ChunksJob & JobFrame, faults: Fault[]): void {
  const chunks = chunkCount(job.originalSize, job.chunkSize)
  const entrySize = tableEntrySize(job.originalSize)
  const tableSize = (chunks - 1) * entrySize
  const tableAt = job.pipable ? job.offset + job.size - tableSize : job.offset
  const dataAt = job.pipable ? job.offset : job.offset + tableSize
  const dataSize = job.size - tableSize
  // The start of the first chunk is in the entry before its own; that of chunk 0 is nowhere.
  const firstEntry = Math.max(0, job.first - 1)
  const lastEntry = Math.min(chunks - 1, job.first + job.count)
  const partSize = (lastEntry - firstEntry) * entrySize
  decoders.reserve(job.input + partSize + SLACK)
  if (!readInto(decoders, job.fd, job.input, tableAt + firstEntry * entrySize, partSize, faults)) return
  const table = job.input - firstEntry * entrySize
  const heads = job.pipable ? PIPABLE_CHUNK_HEAD : 0
  const from = entryAt(decoders.bytes, table, job.first, entrySize) + heads * job.first
  const to =
    job.first + job.count >= chunks
      ? dataSize
      : entryAt(decoders.bytes, table, job.first + job.count, entrySize) + heads * (job.first + job.count)
  const size = to - from
  const most = job.count * (job.chunkSize + heads)
  if (!(from >= 0 && size > 0 && to <= dataSize && size <= most)) {
    const offset = tableAt + firstEntry * entrySize
    const what = `the chunk table says that ${job.count} chunks take ${size} bytes`
    faults.push({ from: 0, to: Number.MAX_SAFE_INTEGER, offset, what })
    return
  }
  const input = align(job.input + partSize + SLACK)
  decoders.reserve(input + size + SLACK)
  if (!readInto(decoders, job.fd, input, dataAt + from, size, faults)) return
  const layout = {
    compression: job.compression,
    chunkSize: job.chunkSize,
    pipable: job.pipable,
    originalSize: job.originalSize,
    first: job.first,
    count: job.count,
    data: input - from,
    dataSize: to,
    table,
    origin: dataAt + from - input,
  }
  expandTabled(decoders, layout, job.output, job.output, faults)
}

interface TabledChunks {
  compression: BlobsJob['compression']
  chunkSize: number
  pipable: boolean
  originalSize: number
  first: number
  count: number
  /** Where chunk 0 lies, or would lie, in the memory. */
  data: number
  /** Where the last chunk ends, counted from there. */
  dataSize: number
  /** Where the entry of chunk 1 lies, or would lie. */
  table: number
  /** Added to a place in the memory it gives the place in the file. */
  origin: number
}

function expandTabled(
  decoders: Decoders,
  chunks: TabledChunks,
  output: number,
  outputStart: number,
  faults: Fault[],
): void {
  const { originalSize, chunkSize, pipable, table, data } = chunks
  const entrySize = tableEntrySize(originalSize)
  const last = chunks.first + chunks.count
  const heads = pipable ? PIPABLE_CHUNK_HEAD : 0
  const bytes = decoders.bytes
  let out = output
  let from = entryAt(bytes, table, chunks.first, entrySize) + heads * chunks.first
  const least = from
  for (let i = chunks.first; i < last; i++) {
    const expanded = Math.min(chunkSize, originalSize - i * chunkSize)
    const to = i + 1 === last ? chunks.dataSize : entryAt(bytes, table, i + 1, entrySize) + heads * (i + 1)
    const stored = to - from - heads
    if (!(from >= least && stored > 0 && stored <= expanded && to <= chunks.dataSize)) {
      faults.push({
        from: out - outputStart,
        to: output - outputStart + originalSize,
        offset: data + least + chunks.origin,
        what: `the chunk table says that chunk ${i} takes ${stored} bytes for ${expanded}`,
      })
      return
    }
    const at = data + from + heads
    if (!decoders.expand(chunks.compression, chunkSize, at, stored, out, expanded))
      faults.push({
        from: out - outputStart,
        to: out - outputStart + expanded,
        offset: at + chunks.origin,
        what: `chunk ${i} is damaged: ${stored} bytes of ${chunks.compression} do not give ${expanded}`,
      })
    out += expanded
    from = to
  }
}

/** Where chunk i starts, counted from the first, without the heads between. */
function entryAt(bytes: Buffer, table: number, i: number, size: 4 | 8): number {
  if (i === 0) return 0
  const at = table + (i - 1) * size
  return size === 4 ? bytes.readUInt32LE(at) : Number(bytes.readBigUInt64LE(at))
}

function expandSolid(decoders: Decoders, job: SolidJob & JobFrame, faults: Fault[]): void {
  const { sizes, chunkSize, compression, size } = job
  const stored = sizes.reduce((sum, one) => sum + one, 0)
  decoders.reserve(job.output + size + SLACK)
  const direct = stored === size
  if (!direct && sizes.length === 1 && isWindowed(compression, stored)) {
    expandWindowed(decoders, job, stored, faults)
    return
  }
  if (!direct) decoders.reserve(job.input + stored + SLACK)
  const to = direct ? job.output : job.input
  if (!readInto(decoders, job.fd, to, job.start, stored, faults) || direct) return
  let at = job.input
  for (let i = 0, out = 0; i < sizes.length; i++) {
    const expanded = Math.min(chunkSize, size - out)
    const length = numberAt(sizes, i)
    if (!decoders.expand(compression, chunkSize, at, length, job.output + out, expanded))
      faults.push({
        from: out,
        to: out + expanded,
        offset: job.start + at - job.input,
        what: `a chunk is damaged: ${length} bytes of ${compression} do not give ${expanded}`,
      })
    at += length
    out += expanded
  }
}

/** A chunk of many megabytes is read while it is expanded: its stored bytes would take as much memory again. */
function expandWindowed(decoders: Decoders, job: SolidJob & JobFrame, stored: number, faults: Fault[]): void {
  const { start, size, output, input, fd, compression } = job
  decoders.reserve(input + WINDOWS_SIZE)
  const read = (to: number, offset: number, count: number) =>
    readInto(decoders, fd, to, start + offset, count, faults)
  if (decoders.expandFrom(read, input, stored, output, size) || faults.length > 0) return
  const what = `a chunk is damaged: ${stored} bytes of ${compression} do not give ${size}`
  faults.push({ from: 0, to: size, offset: start, what })
}
