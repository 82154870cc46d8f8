import { Decompress } from 'fzstd'
import type { Bytes } from '../../io/bytes.js'
import { Xxh64 } from './xxh64.js'
import { FRAME_BEGINS } from './zstd-frames.js'

/**
 * zstd in plain JavaScript, a quarter of the speed, for hosts on which no native package runs.
 * @param pieces as `inFewBlocks` gives them
 * @throws Error where the data is damaged
 */
export async function* inJavaScript(pieces: Bytes): Bytes {
  let frame: Frame | undefined
  for await (const piece of pieces) {
    if (piece === FRAME_BEGINS) {
      if (frame) yield* frame.end()
      frame = new Frame()
    }
    if (frame) yield* frame.take(piece)
  }
  if (frame) yield* frame.end()
}

const CHECKSUM_BYTES = 4

/** One frame. Its decoder passes over the checksum behind it, so that is compared here (RFC 8878, section 3.1.1). */
class Frame {
  private ready: Uint8Array[] = []
  private readonly hash = new Xxh64()
  private hasChecksum: boolean | undefined
  private tail = new Uint8Array(0)
  private readonly decoder = new Decompress((chunk) => {
    if (chunk.length > 0) this.ready.push(chunk)
  })

  take(piece: Uint8Array): Uint8Array[] {
    // The rest of a piece is kept until the next one completes it, and by then its memory has been reused.
    const bytes = Uint8Array.from(piece)
    if (piece !== FRAME_BEGINS) this.hasChecksum ??= ((bytes[0] ?? 0) & 4) !== 0
    const end = bytes.subarray(-CHECKSUM_BYTES)
    this.tail = Uint8Array.from([...this.tail, ...end].slice(-CHECKSUM_BYTES))
    this.decoder.push(bytes)
    return this.made()
  }

  end(): Uint8Array[] {
    this.decoder.push(new Uint8Array(0), true)
    const made = this.made()
    const low = Number(BigInt.asUintN(32, this.hash.digest()))
    if (this.hasChecksum && Buffer.from(this.tail).readUInt32LE(0) !== low)
      throw new Error('what it becomes does not fit its checksum')
    return made
  }

  private made(): Uint8Array[] {
    const { ready } = this
    this.ready = []
    if (this.hasChecksum) for (const chunk of ready) this.hash.update(chunk)
    return ready
  }
}
