import { type FileHandle, rm } from 'node:fs/promises'
import path from 'node:path'
import { ContainerImageError, type Descriptor } from '../../../manifests/index.js'
import { zipMembers } from '../../archives/members/zip.js'
import type { Content, CopyPlan, ImageSink } from '../../copy/ports.js'
import { sizeMismatch, verified } from '../../copy/verified.js'
import type { Bytes } from '../../io/bytes.js'
import { makeFolder, publishFile } from '../../io/files/durable.js'
import { type Lock, removeAbandoned, takeLock, unlessLost } from '../../io/files/lock.js'
import { clearName, openNew } from '../../io/files/own-file.js'
import { readRange } from '../../io/files/read-range.js'
import { checkSpace } from '../../io/files/space.js'
import { inWords } from '../../io/files/system-errors.js'
import { writeBytes } from '../../io/files/write-bytes.js'
import { Follower } from '../../io/hashing/follower.js'
import type { Hasher } from '../../io/hashing/hasher.js'
import { planMembers } from '../in-place/formats.js'
import type { MemberPlan } from '../in-place/member-plan.js'
import { checkTarget } from '../in-place/same-members.js'
import { Packer } from './packer.js'
import { zipSize } from './planned-size.js'

export interface ZipSinkOptions {
  /** Overwrite a file of that name. */
  force: boolean
  hasher: Hasher
}

/** A smaller file is hashed sooner than a thread starts. */
const FOLLOW_BYTES = 32 * 1024 * 1024

/**
 * A zip as the end of a copy: the members of an OCI archive, stored. A zip is written from its beginning, so
 * blobs come one after the other in its order, and what was begun is not continued but removed.
 */
export class ZipSink implements ImageSink {
  readonly label: string
  readonly concurrency = 1
  /** Of the finished file, in hex; known after the commit unless the file was there before or is small. */
  sha256: string | undefined
  private plan: MemberPlan | undefined
  private lock: Lock | undefined
  private handle: FileHandle | undefined
  private readonly packer = new Packer()
  private writing: Promise<void> | undefined
  private follower: Follower | undefined
  private readonly here = new Set<string>()
  private complete = false

  constructor(
    private readonly file: string,
    private readonly options: ZipSinkOptions,
  ) {
    this.label = file
  }

  async begin(plan: CopyPlan, { signal }: { signal?: AbortSignal } = {}): Promise<void> {
    this.plan = planMembers(plan, 'oci-archive')
    if (await this.isThere(this.plan, signal)) {
      // Of a run that was killed between giving the file its name and the end.
      await removeAbandoned(`${this.partName}.lock`)
      return
    }
    await inWords(`Writing ${this.file}`, 'destination', async () => {
      await makeFolder(path.dirname(this.file))
      this.lock = await takeLock(`${this.partName}.lock`, signal ? { signal } : {})
    })
    // Another process may have finished the same zip while this one waited.
    if (await this.isThere(this.plan, signal)) return
    await inWords(`Writing ${this.file}`, 'destination', () => clearName(this.partName))
    await checkSpace(this.file, zipSize(this.plan.members))
    this.handle = await inWords(`Writing ${this.file}`, 'destination', () => openNew(this.partName))
    this.startWriting(this.handle)
    for (const { name, bytes } of this.plan.members) if (bytes) await this.packer.addBytes(name, bytes)
  }

  /** The order of the members: a zip cannot leave room for one that comes later. */
  order(descriptors: Descriptor[]): Descriptor[] {
    const places = new Map([...(this.plan?.blobs.keys() ?? [])].map((digest, i) => [digest, i]))
    const place = ({ digest }: Descriptor): number => places.get(digest) ?? places.size
    return [...descriptors].sort((a, b) => place(a) - place(b))
  }

  async has({ digest }: Descriptor): Promise<boolean> {
    return this.complete || this.here.has(digest)
  }

  async write(content: Content): Promise<void> {
    const { descriptor, range, signal } = content
    const member = this.plan?.blobs.get(descriptor.digest)
    if (!member) {
      // A document: written at the beginning.
      content.onBytes?.(descriptor.size, 'copied')
      return
    }
    if (range && range.size !== descriptor.size) throw sizeMismatch(descriptor, range.size, range.path)
    const options = signal ? { signal } : {}
    const bytes = verified(range ? readRange(range, options) : content.open(0), descriptor, options)
    await this.packer.addStream(member.name, counted(bytes, content))
    this.here.add(descriptor.digest)
  }

  /** Names are in the archive's own documents, which were written first. */
  async tag(): Promise<void> {}

  async commit(): Promise<void> {
    await this.finish()
    await this.lock?.release()
  }

  async abort(): Promise<void> {
    this.packer.abort()
    await this.writing?.catch(() => {})
    await this.follower?.stop()
    await this.handle?.close().catch(() => {})
    if (this.handle) await unlessLost(this.lock, () => rm(this.partName, { force: true }))
    await this.lock?.release()
  }

  private get partName(): string {
    return `${this.file}.part`
  }

  /** @throws FILE_EXISTS */
  private async isThere(plan: MemberPlan, signal?: AbortSignal): Promise<boolean> {
    const { force, hasher } = this.options
    const open = () => zipMembers(this.file)
    const known = { file: this.file, size: zipSize(plan.members), plan }
    this.complete = await checkTarget(known, open, { force, hasher, signal })
    return this.complete
  }

  private startWriting(handle: FileHandle): void {
    if (this.plan && zipSize(this.plan.members) > FOLLOW_BYTES) this.follower = new Follower(this.partName)
    let written = 0
    this.writing = inWords(`Writing ${this.file}`, 'destination', () =>
      writeBytes(handle, this.packer.bytes, 0, (count) => {
        written += count
        this.follower?.ready(written)
      }),
    )
    this.writing.catch((error) => this.packer.stopped(error))
  }

  private async finish(): Promise<void> {
    const { handle, plan } = this
    if (this.complete || !handle || !plan) return
    await this.packer.finish()
    await this.writing
    await inWords(`Writing ${this.file}`, 'destination', async () => {
      const { size } = await handle.stat()
      const planned = zipSize(plan.members)
      if (size !== planned) throw notAsPlanned(this.file, planned, size)
      const hashed = this.follower?.end(size)
      await handle.close()
      await publishFile(this.partName, this.file, { lock: this.lock })
      this.sha256 = await hashed
    })
  }
}

async function* counted(bytes: Bytes, content: Content): Bytes {
  for await (const chunk of bytes) {
    yield chunk
    content.onBytes?.(chunk.length, 'copied')
  }
}

function notAsPlanned(file: string, planned: number, size: number): ContainerImageError {
  return new ContainerImageError('UNEXPECTED', `${file} came out with another size than was planned.`, {
    side: 'destination',
    expected: `${planned} bytes`,
    found: `${size} bytes`,
  })
}
