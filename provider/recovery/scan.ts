import { createHash } from 'node:crypto'
import { fstatSync } from 'node:fs'
import { LIMITS } from './limits.js'
import type { ScanFile } from './order.js'
import { HEADER_BYTES, MAGIC, type PacketHeader, parseHeader, RECOVERY_HEADER_BYTES } from './packet.js'
import type { Scan } from './scanned-packets.js'
import { type Checkpoint, eachPiece, readFully, withFile } from './steps.js'

/** Hashing packets that lie about their length may cost this many times the file; after that we give up. */
const WASTE = 8

/** Finds the intact packets of a recovery file, wherever they begin; what is damaged is skipped. */
export function scanFile({ path }: ScanFile, checkpoint: Checkpoint): Scan {
  return withFile(path, 'r', (fd) => new Scanner(fd, checkpoint).run())
}

class Scanner {
  private readonly size: number
  private readonly found: Scan = { critical: [], recovery: [], intact: true }
  private readonly known = new Set<string>()
  private readonly header = Buffer.alloc(RECOVERY_HEADER_BYTES)
  private kept = 0
  private wasted = 0

  constructor(
    private readonly fd: number,
    private readonly checkpoint: Checkpoint,
  ) {
    this.size = fstatSync(fd).size
  }

  run(): Scan {
    let position = 0
    while (position < this.size) {
      const packet = this.headerAt(position)
      if (packet && this.take(packet, position)) {
        position += packet.length
        continue
      }
      this.found.intact = false
      if (packet) this.wasted += packet.length
      if (this.wasted > WASTE * this.size) break
      position = this.nextMagic(position + 1)
    }
    return this.found
  }

  private headerAt(position: number): PacketHeader | undefined {
    this.checkpoint()
    const read = readFully(this.fd, this.header, position)
    const packet = parseHeader(this.header.subarray(0, read))
    if (!packet || packet.length > this.size - position) return undefined
    const most = packet.kind === 'recovery' ? LIMITS.sliceBytes : LIMITS.criticalPacketBytes
    return packet.length > most ? undefined : packet
  }

  /** Whether the packet is intact; keeps what is needed of it. */
  private take(packet: PacketHeader, position: number): boolean {
    const hash = createHash('md5')
    const kept =
      packet.kind !== undefined && packet.kind !== 'recovery' ? Buffer.alloc(packet.length) : undefined
    let at = 32
    eachPiece(this.fd, position + 32, packet.length - 32, this.checkpoint, (piece) => {
      hash.update(piece)
      kept?.set(piece, at)
      at += piece.length
    })
    if (!hash.digest().equals(packet.md5)) return false
    if (packet.kind === 'recovery') this.keepRecovery(packet, position)
    else if (kept) this.keepCritical(packet, kept)
    return true
  }

  private keepRecovery({ setId, length }: PacketHeader, position: number): void {
    if (length <= RECOVERY_HEADER_BYTES) return
    const exponent = this.header.readUInt32LE(HEADER_BYTES)
    if (exponent >= LIMITS.exponents || !this.isNew(`${setId} ${exponent} ${length}`)) return
    const size = length - RECOVERY_HEADER_BYTES
    this.found.recovery.push({ setId, exponent, position: position + RECOVERY_HEADER_BYTES, size })
  }

  private keepCritical({ kind, setId, md5, length }: PacketHeader, packet: Buffer): void {
    if (kind === undefined || kind === 'recovery' || this.kept + length > LIMITS.keptBytes) return
    if (!this.isNew(md5.toString('hex'))) return
    this.kept += length
    this.found.critical.push({ kind, setId, body: packet.subarray(HEADER_BYTES) })
  }

  private isNew(key: string): boolean {
    if (this.known.has(key) || this.known.size > 4 * LIMITS.exponents) return false
    this.known.add(key)
    return true
  }

  private nextMagic(from: number): number {
    let position = from
    let found = this.size
    let before = Buffer.alloc(0)
    eachPiece(this.fd, from, this.size - from, this.checkpoint, (piece) => {
      // A magic may begin in one piece and end in the next.
      const seam = Buffer.concat([before, piece.subarray(0, MAGIC.length - 1)])
      const across = seam.indexOf(MAGIC)
      const inside = piece.indexOf(MAGIC)
      if (across >= 0) found = position - before.length + across
      else if (inside >= 0) found = position + inside
      position += piece.length
      before = Buffer.from(piece.subarray(Math.max(0, piece.length - MAGIC.length + 1)))
      return found === this.size
    })
    return found
  }
}
