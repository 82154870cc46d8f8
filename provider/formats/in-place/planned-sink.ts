import path from 'node:path'
import type { Descriptor } from '../../../manifests/index.js'
import type { Content, CopyPlan, ImageSink } from '../../copy/ports.js'
import type { Bytes } from '../../io/bytes.js'
import { makeFolder } from '../../io/files/durable.js'
import { type Lock, removeAbandoned, takeLock } from '../../io/files/lock.js'
import { inWords } from '../../io/files/system-errors.js'
import type { Hasher } from '../../io/hashing/hasher.js'
import { type ArchiveFormat, planMembers } from './formats.js'
import type { MemberPlan, PlannedMember } from './member-plan.js'

export interface PlannedSinkOptions {
  /** Overwrite a file of that name. */
  force: boolean
  hasher: Hasher
}

/** A smaller file is hashed sooner than a thread starts. */
export const FOLLOW_BYTES = 32 * 1024 * 1024

/**
 * One archive as the destination of a copy, whatever its format: its members are planned, it is made under a
 * temporary name and a lock, and it gets its name when all of it is there. A file that already holds exactly
 * these members is left alone.
 */
export abstract class PlannedSink implements ImageSink {
  /** Of the finished file, in hex; known after the commit unless the file was there before, or is a small zip. */
  sha256: string | undefined
  protected plan: MemberPlan | undefined
  protected lock: Lock | undefined
  protected complete = false
  protected readonly format: ArchiveFormat = 'oci-archive'
  private readonly whole = new Set<string>()

  constructor(
    readonly label: string,
    protected readonly options: PlannedSinkOptions,
  ) {}

  /** Whether the file is there as planned. @throws FILE_EXISTS */
  protected abstract isSame(plan: MemberPlan, signal?: AbortSignal): Promise<boolean>
  /** Makes room and begins, under the lock. */
  protected abstract start(plan: MemberPlan, signal?: AbortSignal): Promise<void>
  /** Takes the bytes of one blob. */
  protected abstract take(content: Content, member: PlannedMember): Promise<void>
  /** Gives the file its name; called only if one was made. */
  protected abstract finish(plan: MemberPlan): Promise<void>
  /** Closes what was begun. */
  protected abstract drop(error: unknown): Promise<void>

  protected get partName(): string {
    return `${this.label}.part`
  }

  async begin(plan: CopyPlan, { signal }: { signal?: AbortSignal } = {}): Promise<void> {
    const planned = planMembers(plan, this.format)
    this.plan = planned
    if (await this.isThere(planned, signal)) return await this.clearLeftovers()
    await inWords(`Writing ${this.label}`, 'destination', async () => {
      await makeFolder(path.dirname(this.label))
      this.lock = await takeLock(`${this.partName}.lock`, { signal })
    })
    // Another process may have finished the same archive while this one waited.
    if (!(await this.isThere(planned, signal))) await this.start(planned, signal)
  }

  async has({ digest }: Descriptor): Promise<boolean> {
    return this.complete || this.whole.has(digest)
  }

  async write(content: Content): Promise<void> {
    const { digest, size } = content.descriptor
    const member = this.plan?.blobs.get(digest)
    // A document is written with the headers, or, as manifests in a docker archive, has no place.
    if (!member) return content.onBytes?.(size, 'copied')
    await this.take(content, member)
    this.whole.add(digest)
  }

  /** Names are in the archive's own documents. */
  async tag(): Promise<void> {}

  async commit(): Promise<void> {
    if (this.plan && !this.complete) await this.finish(this.plan)
    await this.lock?.release()
  }

  async abort(error: unknown): Promise<void> {
    await this.drop(error)
    await this.lock?.release()
  }

  /** Of a run that was killed between giving the file its name and the end. */
  protected async clearLeftovers(): Promise<void> {
    await removeAbandoned(`${this.partName}.lock`)
  }

  private async isThere(plan: MemberPlan, signal?: AbortSignal): Promise<boolean> {
    this.complete = await this.isSame(plan, signal)
    return this.complete
  }
}

/** Bytes on their way into an archive, which are reported as copied once they are taken. */
export async function* counted(bytes: Bytes, content: Content): Bytes {
  for await (const chunk of bytes) {
    yield chunk
    content.onBytes?.(chunk.length, 'copied')
  }
}
