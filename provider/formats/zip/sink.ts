import type { FileHandle } from 'node:fs/promises'
import { ContainerImageError, type Descriptor } from '../../../manifests/index.js'
import { zipMembers } from '../../archives/members/zip.js'
import type { Content } from '../../copy/ports.js'
import { sizeMismatch, verified } from '../../copy/verified.js'
import { publishFile } from '../../io/files/durable.js'
import { unlessLost } from '../../io/files/lock.js'
import { clearName, openNew } from '../../io/files/own-file.js'
import { readRange } from '../../io/files/read-range.js'
import { removePath } from '../../io/files/rename-and-remove.js'
import { checkSpace } from '../../io/files/space.js'
import { inWords } from '../../io/files/system-errors.js'
import { writeBytes } from '../../io/files/write-bytes.js'
import { Follower } from '../../io/hashing/follower.js'
import type { MemberPlan, PlannedMember } from '../in-place/member-plan.js'
import { counted, FOLLOW_BYTES, PlannedSink } from '../in-place/planned-sink.js'
import { checkTarget } from '../in-place/same-members.js'
import { Packer } from './packer.js'
import { zipSize } from './planned-size.js'

/**
 * A zip as the end of a copy: the members of an OCI archive, stored. A zip is written from its beginning, so
 * blobs come one after the other in its order, and what was begun is not continued but removed.
 */
export class ZipSink extends PlannedSink {
  readonly concurrency = 1
  private handle: FileHandle | undefined
  private readonly packer = new Packer()
  private writing: Promise<void> | undefined
  private follower: Follower | undefined

  protected async isSame(plan: MemberPlan, signal?: AbortSignal): Promise<boolean> {
    const { label: file, options } = this
    const known = { file, size: zipSize(plan.members), plan }
    return await checkTarget(known, () => zipMembers(file), { ...options, signal })
  }

  protected async start(plan: MemberPlan): Promise<void> {
    await inWords(`Writing ${this.label}`, 'destination', () => clearName(this.partName))
    await checkSpace(this.label, zipSize(plan.members))
    this.handle = await inWords(`Writing ${this.label}`, 'destination', () => openNew(this.partName))
    this.startWriting(this.handle, plan)
    for (const { name, bytes } of plan.members) if (bytes) await this.packer.addBytes(name, bytes)
  }

  /** The order of the members: a zip cannot leave room for one that comes later. */
  order(descriptors: Descriptor[]): Descriptor[] {
    const places = new Map([...(this.plan?.blobs.keys() ?? [])].map((digest, i) => [digest, i]))
    const place = ({ digest }: Descriptor): number => places.get(digest) ?? places.size
    return [...descriptors].sort((a, b) => place(a) - place(b))
  }

  protected async take(content: Content, { name }: PlannedMember): Promise<void> {
    const { descriptor, range, signal } = content
    if (range && range.size !== descriptor.size) throw sizeMismatch(descriptor, range.size, range.path)
    const options = { signal }
    const bytes = verified(range ? readRange(range, options) : content.open(0), descriptor, options)
    await this.packer.addStream(name, counted(bytes, content))
  }

  protected async drop(): Promise<void> {
    this.packer.abort()
    await this.writing?.catch(() => {})
    await this.follower?.stop()
    await this.handle?.close().catch(() => {})
    if (this.handle) await unlessLost(this.lock, () => removePath(this.partName))
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
