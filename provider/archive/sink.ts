import { mkdir, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { hasCode, splitDigest } from '../../manifests/index.js'
import { syncFolder } from '../files/durable.js'
import { type Lock, takeLock } from '../files/lock.js'
import { readRange } from '../files/read-range.js'
import { checkSpace } from '../files/space.js'
import { inWords } from '../files/system-errors.js'
import { writeBytes } from '../files/write-bytes.js'
import type { Hasher } from '../hashing/hasher.js'
import type { Content, CopyPlan, ImageSink } from '../ports.js'
import { checkDigest, digestMismatch, hashFor, sizeMismatch, verified } from '../verified/verified.js'
import { existingIsTheSame } from './existing.js'
import { type ArchiveFormat, planMembers } from './formats.js'
import { bytesOffset, type MemberPlan, type PlannedMember } from './member-plan.js'
import { openPartFile, type PartFile } from './part-file.js'

export interface ArchiveSinkOptions {
  format: ArchiveFormat
  /** Overwrite a file of that name. */
  force: boolean
  hasher: Hasher
}

/** How much of a blob may have to come again after a kill. */
const NOTE_BYTES = 4 * 1024 * 1024
/** How much is written before the disk is told to begin, so that the sync at the end finds little left to do. */
const WRITEBACK_BYTES = 64 * 1024 * 1024

/**
 * One archive as the end of a copy. Its layout is fixed by the plan, so blobs are written side by side,
 * straight to their place; an interrupted run leaves `NAME.part`, from which the next one goes on. The file
 * has its name only when every byte in it was verified.
 */
export function archiveSink(file: string, options: ArchiveSinkOptions): ImageSink {
  return new ArchiveSink(file, options)
}

class ArchiveSink implements ImageSink {
  readonly label: string
  private lock: Lock | undefined
  private plan: MemberPlan | undefined
  private part: PartFile | undefined
  private complete = false
  private readonly writeback = new Writeback()

  constructor(
    private readonly file: string,
    private readonly options: ArchiveSinkOptions,
  ) {
    this.label = file
  }

  async begin(plan: CopyPlan, { signal }: { signal?: AbortSignal } = {}): Promise<void> {
    this.plan = planMembers(plan, this.options.format)
    if (!this.options.force && (await existingIsTheSame(this.file, this.plan, this.options.hasher, signal))) {
      this.complete = true
      return
    }
    const partName = `${this.file}.part`
    await inWords(`Writing ${this.file}`, 'destination', async () => {
      await mkdir(path.dirname(this.file), { recursive: true })
      this.lock = await takeLock(`${partName}.lock`, signal ? { signal } : {})
    })
    this.part = await inWords(`Writing ${this.file}`, 'destination', () =>
      openPartFile(partName, this.plan as MemberPlan),
    )
    await checkSpace(this.file, this.bytesToCome())
  }

  async has(descriptor: { digest: string }): Promise<boolean> {
    // A format may not hold everything: a docker archive has no place for manifests.
    return this.complete || !this.plan?.blobs.has(descriptor.digest)
  }

  async write(content: Content): Promise<void> {
    const member = this.plan?.blobs.get(content.descriptor.digest)
    if (!member || !this.part) return
    if (content.range) await this.copyRange(content, member, this.part)
    else await this.receive(content, member, this.part)
    this.part.setDone(member, member.size)
  }

  /** Names are in the archive's own documents, which were written first. */
  async tag(): Promise<void> {}

  async commit(): Promise<void> {
    const { part, plan } = this
    if (this.complete || !part || !plan) return
    await inWords(`Writing ${this.file}`, 'destination', async () => {
      await this.writeback.settled()
      await part.handle.truncate(plan.size)
      await part.handle.sync()
      await part.handle.close()
      await rename(part.path, this.file)
      await syncFolder(path.dirname(this.file))
    })
    await this.lock?.release()
  }

  async abort(): Promise<void> {
    await this.writeback.settled().catch(() => {})
    await this.part?.handle.close().catch(() => {})
    // A part without a single blob helps nobody.
    if (this.part && this.plan && this.bytesDone() === 0) await rm(this.part.path, { force: true })
    await this.lock?.release()
  }

  private bytesDone(): number {
    let done = 0
    for (const member of this.plan?.blobs.values() ?? []) done += this.part?.done(member) ?? 0
    return done
  }

  private bytesToCome(): number {
    return (this.plan?.size ?? 0) - this.bytesDone()
  }

  private async copyRange(content: Content, member: PlannedMember, part: PartFile): Promise<void> {
    const { descriptor, range, signal } = content
    if (!range) return
    if (range.size !== descriptor.size) throw sizeMismatch(descriptor, range.size, range.path)
    const { algorithm, hex } = splitDigest(descriptor.digest)
    const target = { path: part.path, offset: bytesOffset(member), create: false, sync: false }
    const onBytes = (count: number): void => {
      content.onBytes?.(count, 'copied')
      this.writeback.wrote(count, part)
    }
    const result = await inWords(`Writing ${this.file}`, 'destination', () =>
      this.options.hasher.run(
        { source: range, algorithm, target },
        { onBytes, ...(signal ? { signal } : {}) },
      ),
    )
    if (result.bytes !== descriptor.size) throw sizeMismatch(descriptor, result.bytes, range.path)
    if (result.hex !== hex) throw digestMismatch(descriptor, `${algorithm}:${result.hex}`, range.path)
  }

  private async receive(content: Content, member: PlannedMember, part: PartFile): Promise<void> {
    const kept = part.done(member)
    try {
      await this.receiveFrom(content, member, part, kept)
    } catch (error) {
      if (!hasCode(error, 'DIGEST_MISMATCH', 'SIZE_MISMATCH')) throw error
      part.setDone(member, 0)
      // The bytes that an earlier run left may be the wrong ones; the source gets one clean chance.
      if (kept === 0) throw error
      await this.receiveFrom(content, member, part, 0).catch((again) => {
        if (hasCode(again, 'DIGEST_MISMATCH', 'SIZE_MISMATCH')) part.setDone(member, 0)
        throw again
      })
    }
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
      for await (const chunk of readRange(
        { path: part.path, offset: start, size: kept },
        signal ? { signal } : {},
      ))
        hash.update(chunk)
    content.onBytes?.(kept, 'reused')
    if (kept === descriptor.size) {
      checkDigest(hash, descriptor)
      return
    }
    const before = { hash, bytes: kept }
    const bytes = verified(content.open(kept), descriptor, { before, ...(signal ? { signal } : {}) })
    let done = kept
    let noted = kept
    await writeBytes(part.handle, bytes, start + kept, (count) => {
      done += count
      content.onBytes?.(count, 'copied')
      this.writeback.wrote(count, part)
      if (done - noted >= NOTE_BYTES) {
        part.setDone(member, done)
        noted = done
      }
    }).catch((error) => {
      part.setDone(member, done)
      throw error
    })
  }
}

/** Tells the disk to begin while the network still delivers, one sync at a time. */
class Writeback {
  private unsynced = 0
  private underWay: Promise<void> | undefined

  wrote(count: number, part: PartFile): void {
    this.unsynced += count
    if (this.unsynced < WRITEBACK_BYTES || this.underWay) return
    this.unsynced = 0
    this.underWay = part.handle.datasync().finally(() => {
      this.underWay = undefined
    })
    // A failure shows again in the sync at the end, which is waited for.
    this.underWay.catch(() => {})
  }

  async settled(): Promise<void> {
    await this.underWay
  }
}
