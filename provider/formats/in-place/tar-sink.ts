import { type Descriptor, hasCode, impossible } from '../../../manifests/index.js'
import { isBadInput } from '../../copy/bad-input.js'
import type { Content } from '../../copy/ports.js'
import { checkDigest, hashFor, verified } from '../../copy/verified.js'
import { verifiedRange } from '../../copy/verified-range.js'
import type { FileRange } from '../../io/bytes.js'
import { publishFile } from '../../io/files/durable.js'
import { unlessLost } from '../../io/files/lock.js'
import { readRange } from '../../io/files/read-range.js'
import { removePath } from '../../io/files/rename-and-remove.js'
import { checkSpace } from '../../io/files/space.js'
import { inWords } from '../../io/files/system-errors.js'
import { writeBytes } from '../../io/files/write-bytes.js'
import { Writeback } from '../../io/files/writeback.js'
import { Follower } from '../../io/hashing/follower.js'
import { existingIsTheSame, refuseFolder } from './existing.js'
import type { ArchiveFormat } from './formats.js'
import { bytesOffset, type MemberPlan, type PlannedMember } from './member-plan.js'
import { allocatedBytes, openPartFile, type PartFile } from './part-file.js'
import { FOLLOW_BYTES, PlannedSink, type PlannedSinkOptions } from './planned-sink.js'

export interface ArchiveSinkOptions extends PlannedSinkOptions {
  format: ArchiveFormat
}

/** How much of a blob may have to be fetched again after a kill. */
const NOTE_BYTES = 4 * 1024 * 1024

/**
 * One archive as the end of a copy. Its layout is fixed by the plan, so blobs are written side by side,
 * straight to their place; an interrupted run leaves `NAME.part`, from which the next one goes on. The file
 * has its name only when every byte in it was verified.
 */
export function archiveSink(file: string, options: ArchiveSinkOptions): ArchiveSink {
  return new ArchiveSink(file, options)
}

class ArchiveSink extends PlannedSink {
  private follower: Follower | undefined
  /** Bytes of each blob that this run wrote, or found and hashed. */
  private readonly here = new Map<PlannedMember, number>()
  private part: PartFile | undefined
  private writeback: Writeback | undefined
  protected override readonly format: ArchiveFormat

  constructor(file: string, options: ArchiveSinkOptions) {
    super(file, options)
    this.format = options.format
  }

  protected async isSame(plan: MemberPlan, signal?: AbortSignal): Promise<boolean> {
    if (!this.options.force) return await existingIsTheSame(this.label, plan, this.options.hasher, signal)
    await refuseFolder(this.label)
    return false
  }

  protected async start(plan: MemberPlan): Promise<void> {
    await checkSpace(this.label, plan.size - (await allocatedBytes(this.partName)))
    const part = await inWords(`Writing ${this.label}`, 'destination', () =>
      openPartFile(this.partName, plan),
    )
    this.part = part
    this.writeback = new Writeback(() => part.handle.datasync())
    if (plan.size > FOLLOW_BYTES) this.follower = new Follower(this.partName)
  }

  protected async take(content: Content, member: PlannedMember): Promise<void> {
    if (!this.part) impossible(`${this.label} was not begun.`)
    if (content.range) await this.copyRange(content, member, this.part)
    else await this.receive(content, member, this.part)
    this.noteDone(member, member.size)
  }

  async locateWritten({ digest, size }: Descriptor): Promise<FileRange | undefined> {
    const member = this.plan?.blobs.get(digest)
    return member && this.part && { path: this.part.path, offset: bytesOffset(member), size }
  }

  protected async finish(plan: MemberPlan): Promise<void> {
    const { part } = this
    if (!part) return
    await inWords(`Writing ${this.label}`, 'destination', async () => {
      await this.writeback?.settled()
      await part.settled()
      await part.handle.truncate(plan.size)
      const hashed = this.follower?.end(plan.size)
      await part.handle.close()
      await publishFile(part.path, this.label, { lock: this.lock })
      this.sha256 = await hashed
    })
  }

  protected async drop(error: unknown): Promise<void> {
    const isLost = await this.writeback?.settled().then(
      () => false,
      () => true,
    )
    await this.follower?.stop()
    await this.part?.settled().catch(() => {})
    await this.part?.handle.close().catch(() => {})
    // A part without a single blob helps nobody, and one that the disk did not take completely would be
    // trusted.
    const isUseless = isLost || isBadInput(error) || this.bytesDone() === 0
    const { part } = this
    if (part && isUseless) await unlessLost(this.lock, () => removePath(part.path))
  }

  /** Counts what is there of a blob, and lets the follower go on to the first byte that is still missing. */
  private noteDone(member: PlannedMember, bytes: number): void {
    this.part?.setDone(member, bytes)
    this.here.set(member, bytes)
    if (this.follower) this.follower.ready(this.firstMissing())
  }

  private firstMissing(): number {
    for (const member of this.plan?.blobs.values() ?? []) {
      const done = this.here.get(member) ?? 0
      if (done < member.size) return bytesOffset(member) + done
    }
    return this.plan?.size ?? 0
  }

  private bytesDone(): number {
    let done = 0
    for (const member of this.plan?.blobs.values() ?? []) done += this.part?.done(member) ?? 0
    return done
  }

  private async copyRange(content: Content, member: PlannedMember, part: PartFile): Promise<void> {
    const { descriptor, range, signal } = content
    if (!range) return
    const target = { path: part.path, offset: bytesOffset(member), create: false, writesBack: false }
    const onBytes = (count: number): void => {
      content.onBytes?.(count, 'copied')
      this.writeback?.wrote(count)
    }
    const options = { target, label: range.path, onBytes, signal }
    await verifiedRange(this.options.hasher, range, descriptor, options)
  }

  private async receive(content: Content, member: PlannedMember, part: PartFile): Promise<void> {
    const kept = part.done(member)
    try {
      await this.receiveFrom(content, member, part, kept)
    } catch (error) {
      if (!hasCode(error, 'DIGEST_MISMATCH', 'SIZE_MISMATCH')) throw error
      await this.forget(member)
      // The bytes that an earlier run left may be the wrong ones; the source gets one clean chance.
      if (kept === 0) throw error
      content.onBytes?.(-kept, 'reused')
      await this.receiveFrom(content, member, part, 0).catch(async (again) => {
        if (hasCode(again, 'DIGEST_MISMATCH', 'SIZE_MISMATCH')) await this.forget(member)
        throw again
      })
    }
  }

  /**
   * Wrong bytes are fetched again; the follower may have read them, so the file is hashed at the end instead.
   */
  private async forget(member: PlannedMember): Promise<void> {
    this.part?.setDone(member, 0)
    this.here.set(member, 0)
    await this.follower?.stop()
    this.follower = undefined
  }

  private async receiveFrom(
    content: Content,
    member: PlannedMember,
    part: PartFile,
    kept: number,
  ): Promise<void> {
    const { descriptor, signal } = content
    const start = bytesOffset(member)
    const hash = hashFor(descriptor)
    if (kept > 0)
      for await (const chunk of readRange({ path: part.path, offset: start, size: kept }, { signal }))
        hash.update(chunk)
    content.onBytes?.(kept, 'reused')
    if (kept === descriptor.size) {
      checkDigest(hash, descriptor)
      return
    }
    const before = { hash, bytes: kept }
    const bytes = verified(content.open(kept), descriptor, { before, signal })
    let done = kept
    let noted = kept
    const wrote = (count: number): void => {
      done += count
      content.onBytes?.(count, 'copied')
      this.writeback?.wrote(count)
      if (done - noted >= NOTE_BYTES) {
        this.noteDone(member, done)
        noted = done
      }
    }
    await writeBytes(part.handle, bytes, start + kept, wrote, descriptor.size - kept).catch((error) => {
      this.noteDone(member, done)
      throw error
    })
  }
}
