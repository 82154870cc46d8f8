import { stat } from 'node:fs/promises'
import path from 'node:path'
import { ContainerImageError } from '../../../manifests/index.js'
import { type Held, publishFile } from '../../io/files/durable.js'
import { openToRead } from '../../io/files/read-document.js'
import type { Hasher } from '../../io/hashing/hasher.js'
import { bytesOffset, type PlannedMember } from '../in-place/member-plan.js'
import { openPartFile, type PartFile } from '../in-place/part-file.js'
import { type PlannedVolume, SUM_BYTES } from './plan.js'
import { sealVolume } from './seal.js'

/** One volume in the making: unfinished under `NAME.part`, or complete under its name. */
export class VolumeFile {
  readonly path: string
  /** The SHA-256 of the finished file, in hex. */
  sha256: string | undefined
  private part: PartFile | undefined
  private readonly verified = new Set<PlannedMember>()

  constructor(
    folder: string,
    readonly planned: PlannedVolume,
    /** The lock of the set; checked before the volume gets its name. */
    private readonly lock: Held,
  ) {
    this.path = path.join(folder, planned.name)
  }

  get isDone(): boolean {
    return this.sha256 !== undefined
  }

  /**
   * Takes the volume that is there if it is this one and complete; otherwise opens what an earlier run left of it.
   * @throws FILE_EXISTS if another file has its name
   */
  async begin(hasher: Hasher, force: boolean, signal?: AbortSignal): Promise<void> {
    if (await this.isThere(hasher, force, signal)) return
    this.part = await openPartFile(`${this.path}.part`, this.planned.plan)
  }

  private async isThere(hasher: Hasher, force: boolean, signal?: AbortSignal): Promise<boolean> {
    const stats = await stat(this.path).catch(() => undefined)
    if (!stats) return false
    const sum = stats.isFile() && stats.size === this.planned.plan.size ? await this.sumThere() : undefined
    const last = this.planned.plan.members.at(-1)
    if (sum !== undefined && last && (await this.hasSkeleton())) {
      const range = { path: this.path, offset: 0, size: last.offset }
      const job = { source: range, algorithm: 'sha256' as const }
      if ((await hasher.run(job, { signal })).hex === sum) {
        const whole = { source: { ...range, size: stats.size }, algorithm: 'sha256' as const }
        this.sha256 = (await hasher.run(whole, { signal })).hex
        return true
      }
    }
    if (force && stats.isFile()) return false
    throw new ContainerImageError('FILE_EXISTS', `${this.path} already exists, and is not this volume.`, {
      side: 'destination',
      expected: 'no file of this name, or this very volume',
      found: stats.isFile() ? 'another file' : 'no file',
    })
  }

  private async sumThere(): Promise<string> {
    const last = this.planned.plan.members.at(-1)
    return (await this.bytesAt(last ? bytesOffset(last) : 0, SUM_BYTES)).toString('latin1').trim()
  }

  /** Whether its list is the planned one: then every byte of it is right if its sum and its blobs are. */
  private async hasSkeleton(): Promise<boolean> {
    for (const member of this.planned.plan.members) {
      if (!member.bytes) continue
      const there = await this.bytesAt(bytesOffset(member), member.size)
      if (!there.equals(member.bytes)) return false
    }
    return true
  }

  private async bytesAt(offset: number, size: number): Promise<Buffer> {
    const handle = await openToRead(this.path, 'destination')
    try {
      const buffer = Buffer.alloc(size)
      const { bytesRead } = await handle.read(buffer, 0, size, offset)
      return buffer.subarray(0, bytesRead)
    } finally {
      await handle.close()
    }
  }

  /** The unfinished file; undefined if the volume is complete. */
  get unfinished(): PartFile | undefined {
    return this.part
  }

  /** The file in which a member's bytes that are already here can be read. */
  get readable(): string {
    return this.part?.path ?? this.path
  }

  doneOf(member: PlannedMember): number {
    return this.part?.done(member) ?? member.size
  }

  /** Notes that a piece is here and that its blob was verified; the last one finishes the volume. */
  async noteVerified(member: PlannedMember): Promise<void> {
    this.verified.add(member)
    this.part?.setDone(member, member.size)
    if (this.verified.size === this.planned.plan.blobs.size) await this.finish()
  }

  async finish(): Promise<void> {
    const { part, planned } = this
    if (!part) return
    this.part = undefined
    await part.settled()
    await part.handle.truncate(planned.plan.size)
    const sha256 = await sealVolume(part.path, planned.plan)
    await part.handle.close()
    await publishFile(part.path, this.path, { lock: this.lock })
    this.sha256 = sha256
  }

  async abandon(): Promise<void> {
    await this.part?.settled().catch(() => {})
    await this.part?.handle.close().catch(() => {})
  }
}
