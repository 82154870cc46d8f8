import { gunzipSync, gzipSync } from 'node:zlib'
import type { LayerRecord } from './layer-record.js'
import type { FoundFact, MergedTree } from './merged-tree.js'

/** Changes whenever older listings have to be made again. */
const FORMAT = 'containerimage layer listing 1'
/** In characters: what is compressed at once. */
const BLOCK = 256 * 1024
const LENGTH_BYTES = 4

interface Head {
  format: string
  /** The ids of the readers that have seen the layer. */
  readers: string[]
}

/**
 * One line: how many characters this path shares with the start of the one before, the rest of it, and the
 * rest of the record; or a fact.
 */
type Line = [shared: number, rest: string, record: LayerRecord] | [found: FoundFact]

/** What a layer does to a tree and what was found in its files, gathered for the next run: a tenth of the tar's headers. */
export class ListingWriter {
  private readonly blocks: Uint8Array[] = []
  private text = ''
  private last = ''

  constructor(readers: readonly string[]) {
    this.line({ format: FORMAT, readers: [...readers] } satisfies Head)
  }

  add(record: LayerRecord): void {
    const shared = sharedLength(this.last, record.path)
    this.line([shared, record.path.slice(shared), { ...record, path: '' }] satisfies Line)
    this.last = record.path
  }

  /** Found in the file that was added last. */
  note(found: FoundFact): void {
    this.line([found] satisfies Line)
  }

  finish(): Uint8Array {
    this.close()
    return Buffer.concat(this.blocks)
  }

  private line(value: unknown): void {
    this.text += `${JSON.stringify(value)}\n`
    if (this.text.length >= BLOCK) this.close()
  }

  private close(): void {
    const block = gzipSync(this.text, { level: 1 })
    const length = Buffer.alloc(LENGTH_BYTES)
    length.writeUInt32LE(block.length)
    this.blocks.push(length, block)
    this.text = ''
  }
}

/** Which readers have seen a layer; undefined if the bytes are not one of our listings. */
export function readersOf(listing: Uint8Array): ReadonlySet<string> | undefined {
  try {
    const [first] = lines(listing)
    const head = first as Head | undefined
    return head?.format === FORMAT ? new Set(head.readers) : undefined
  } catch {
    return undefined
  }
}

/** Applies a listing to a tree, as the layer itself would be. */
export function applyListing(listing: Uint8Array, tree: MergedTree): void {
  let last = ''
  let isHead = true
  for (const line of lines(listing)) {
    if (isHead) isHead = false
    else if ((line as Line).length === 1) tree.note(last, (line as [FoundFact])[0])
    else {
      const [shared, rest, record] = line as [number, string, LayerRecord]
      last = last.slice(0, shared) + rest
      tree.apply({ ...record, path: last })
    }
  }
}

function* lines(listing: Uint8Array): Generator<unknown> {
  const bytes = Buffer.from(listing.buffer, listing.byteOffset, listing.byteLength)
  for (let at = 0; at < bytes.length; ) {
    const length = bytes.readUInt32LE(at)
    const block = bytes.subarray(at + LENGTH_BYTES, at + LENGTH_BYTES + length)
    for (const line of gunzipSync(block).toString('utf8').split('\n')) if (line !== '') yield JSON.parse(line)
    at += LENGTH_BYTES + length
  }
}

function sharedLength(a: string, b: string): number {
  const most = Math.min(a.length, b.length)
  let length = 0
  while (length < most && a.charCodeAt(length) === b.charCodeAt(length)) length++
  return length
}
