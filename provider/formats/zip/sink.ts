import type { FileHandle } from 'node:fs/promises'
import { ContainerImageError, type Descriptor } from '../../../manifests/index.js'
import { zipMembers } from '../../archives/members/zip.js'
import { isBadInput } from '../../copy/bad-input.js'
import type { Content } from '../../copy/ports.js'
import { sizeMismatch, verified } from '../../copy/verified.js'
import type { Bytes } from '../../io/bytes.js'
import { publishFile } from '../../io/files/durable.js'
import { unlessLost } from '../../io/files/lock.js'
import { clearName, openNew, openOwn } from '../../io/files/own-file.js'
import { readRange } from '../../io/files/read-range.js'
import { removePath } from '../../io/files/rename-and-remove.js'
import { checkSpace } from '../../io/files/space.js'
import { inWords } from '../../io/files/system-errors.js'
import { writeBytes } from '../../io/files/write-bytes.js'
import { Follower } from '../../io/hashing/follower.js'
import type { MemberPlan, PlannedMember } from '../in-place/member-plan.js'
import { allocatedBytes } from '../in-place/part-file.js'
import { counted, FOLLOW_BYTES, PlannedSink } from '../in-place/planned-sink.js'
import { checkTarget } from '../in-place/same-members.js'
import { KeptZip } from './kept.js'
import { Packer } from './packer.js'
import { zipSize } from './planned-size.js'

/**
 * A zip as the end of a copy: the members of an OCI archive, stored. A zip is written from its beginning, so
 * blobs come one after the other in its order. What an earlier run has begun is gone through again from its beginning,
 * and nothing of it is fetched.
 */
export class ZipSink extends PlannedSink {
  readonly concurrency = 1
  private handle: FileHandle | undefined
  private readonly packer = new Packer()
  private writing: Promise<void> | undefined
  private follower: Follower | undefined
  private kept: KeptZip | undefined
  /** Bytes of blobs that are in the file. */
  private blobBytes = 0

  protected async isSame(plan: MemberPlan, signal?: AbortSignal): Promise<boolean> {
    const { label: file, options } = this
    const known = { file, size: zipSize(plan.members), plan }
    return await checkTarget(known, () => zipMembers(file), { ...options, signal })
  }

  protected async start(plan: MemberPlan): Promise<void> {
    this.handle = await inWords(`Writing ${this.label}`, 'destination', async () => {
      this.kept = await KeptZip.of(this.partName, plan)
      if (this.kept.isEmpty) await clearName(this.partName)
      await checkSpace(this.label, zipSize(plan.members) - (await allocatedBytes(this.partName)))
      return await (this.kept.isEmpty ? openNew(this.partName) : openOwn(this.partName))
    })
    this.startWriting(this.handle, plan)
    for (const { name, bytes } of plan.members) if (bytes) await this.packer.addBytes(name, bytes)
  }

  /** The order of the members: a zip cannot leave room for one that comes later. */
  order(descriptors: Descriptor[]): Descriptor[] {
    const places = new Map([...(this.plan?.blobs.keys() ?? [])].map((digest, i) => [digest, i]))
    const place = ({ digest }: Descriptor): number => places.get(digest) ?? places.size
    return [...descriptors].sort((a, b) => place(a) - place(b))
  }

  protected async take(content: Content, member: PlannedMember): Promise<void> {
    const { descriptor, range, signal } = content
    if (range && range.size !== descriptor.size) throw sizeMismatch(descriptor, range.size, range.path)
    const options = { signal }
    if (range)
      await this.packer.addStream(
        member.name,
        this.noted(counted(verified(readRange(range, options), descriptor, options), content)),
      )
    else await this.receive(content, member)
  }

  /** What an earlier run had fetched comes from the file itself, and the rest from the source. */
  private async receive(content: Content, { name, ...member }: PlannedMember): Promise<void> {
    const { descriptor, signal } = content
    const kept = await this.kept?.of({ name, ...member }, descriptor, this.options.hasher, signal)
    const size = kept?.size ?? 0
    content.onBytes?.(size, 'reused')
    this.blobBytes += size
    const fresh = size < descriptor.size ? this.noted(counted(content.open(size), content)) : undefined
    const bytes = verified(oneAfterOther(kept && readRange(kept, { signal }), fresh), descriptor, { signal })
    try {
      await this.packer.addStream(name, bytes)
    } catch (error) {
      throw size > 0 && isBadInput(error) ? leftDamaged(this.partName, error) : error
    }
  }

  private async *noted(bytes: Bytes): Bytes {
    for await (const chunk of bytes) {
      yield chunk
      this.blobBytes += chunk.length
    }
  }

  protected async drop(error: unknown): Promise<void> {
    this.packer.abort()
    await this.writing?.catch(() => {})
    await this.follower?.stop()
    await this.handle?.close().catch(() => {})
    // A part without a single byte of a blob helps nobody.
    const isUseless = isBadInput(error) || this.blobBytes === 0
    if (this.handle && isUseless) await unlessLost(this.lock, () => removePath(this.partName))
  }

  private startWriting(handle: FileHandle, plan: MemberPlan): void {
    if (zipSize(plan.members) > FOLLOW_BYTES) this.follower = new Follower(this.partName)
    let written = 0
    this.writing = inWords(`Writing ${this.label}`, 'destination', () =>
      writeBytes(handle, this.packer.bytes, 0, (count) => {
        written += count
        this.follower?.ready(written)
      }),
    )
    this.writing.catch((error) => this.packer.stopped(error))
  }

  protected async finish(plan: MemberPlan): Promise<void> {
    const { handle } = this
    if (!handle) return
    await this.packer.finish()
    await this.writing
    await inWords(`Writing ${this.label}`, 'destination', async () => {
      const { size } = await handle.stat()
      const planned = zipSize(plan.members)
      if (size !== planned) throw notAsPlanned(this.label, planned, size)
      const hashed = this.follower?.end(size)
      await handle.close()
      await publishFile(this.partName, this.label, { lock: this.lock })
      this.sha256 = await hashed
    })
  }
}

function notAsPlanned(file: string, planned: number, size: number): ContainerImageError {
  return new ContainerImageError('UNEXPECTED', `${file} came out with another size than was planned.`, {
    side: 'destination',
    expected: `${planned} bytes`,
    found: `${size} bytes`,
  })
}

async function* oneAfterOther(...parts: (Bytes | undefined)[]): Bytes {
  for (const part of parts) if (part) yield* part
}

/** A loss of power may have left other bytes than were written. */
function leftDamaged(file: string, cause: unknown): ContainerImageError {
  const { code, expected, found } = cause as ContainerImageError
  return new ContainerImageError(code, `${file} does not hold what an earlier run fetched.`, {
    side: 'destination',
    expected,
    found,
    remedy: 'Run the command again: what was left has been removed.',
  })
}
