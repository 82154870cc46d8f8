import type { FileHandle } from 'node:fs/promises'
import { ContainerImageError, type Descriptor, impossible } from '../../../manifests/index.js'
import { zipMembers } from '../../archives/members/zip.js'
import { isBadInput } from '../../copy/bad-input.js'
import type { Content } from '../../copy/ports.js'
import { hashFor, verified } from '../../copy/verified.js'
import { verifiedRange } from '../../copy/verified-range.js'
import type { Bytes, FileRange } from '../../io/bytes.js'
import { publishFile } from '../../io/files/durable.js'
import { unlessLost } from '../../io/files/lock.js'
import { clearName, openNew, openOwn } from '../../io/files/own-file.js'
import { readRange } from '../../io/files/read-range.js'
import { removePath } from '../../io/files/rename-and-remove.js'
import { checkSpace } from '../../io/files/space.js'
import { inWords } from '../../io/files/system-errors.js'
import { writeBytes } from '../../io/files/write-bytes.js'
import { Writeback } from '../../io/files/writeback.js'
import { Follower } from '../../io/hashing/follower.js'
import type { MemberPlan, PlannedMember } from '../in-place/member-plan.js'
import { allocatedBytes } from '../in-place/part-file.js'
import { FOLLOW_BYTES, PlannedSink } from '../in-place/planned-sink.js'
import { checkTarget } from '../in-place/same-members.js'
import { summing } from '../in-place/summing.js'
import { writeAround } from './around.js'
import { KeptZip } from './kept.js'
import { Packer } from './packer.js'
import { placesInZip, zipSize } from './planned-size.js'
import { Turns } from './turns.js'

type Placed = ReturnType<typeof placesInZip<PlannedMember>>[number]

/**
 * A zip as the destination of a copy: the members of an OCI archive, stored. It is known in advance where each of them
 * goes, so blobs that are in files are copied side by side, straight to their places, and hashed and summed in the same
 * pass; the other blobs come one after the other, in the order of the zip. What is around them is written in that order
 * too, a header once everything before it is there: so the file that an earlier run began shows how far it is complete,
 * and nothing of that is fetched again.
 */
export class ZipSink extends PlannedSink {
  private handle: FileHandle | undefined
  private readonly packer = new Packer()
  private writing: Promise<void> | undefined
  private writeback: Writeback | undefined
  private follower: Follower | undefined
  private kept: KeptZip | undefined
  private readonly places = new Map<PlannedMember, Placed>()
  private turns = new Turns<PlannedMember>([])
  /** The position up to which the file has everything that goes around the blobs. */
  private around = 0
  private headed: () => void = () => {}
  /** How many bytes of each blob are in the file. */
  private readonly here = new Map<PlannedMember, number>()

  protected async isSame(plan: MemberPlan, signal?: AbortSignal): Promise<boolean> {
    const { label: file, options } = this
    const known = { file, size: zipSize(plan.members), plan }
    return await checkTarget(known, () => zipMembers(file), { ...options, signal })
  }

  protected async start(plan: MemberPlan): Promise<void> {
    const handle = await inWords(`Writing ${this.label}`, 'destination', async () => {
      this.kept = await KeptZip.of(this.partName, plan)
      if (this.kept.isEmpty) await clearName(this.partName)
      await checkSpace(this.label, zipSize(plan.members) - (await allocatedBytes(this.partName)))
      return await (this.kept.isEmpty ? openNew(this.partName) : openOwn(this.partName))
    })
    this.handle = handle
    this.writeback = new Writeback(() => handle.datasync())
    for (const place of placesInZip(plan.members)) this.places.set(place.member, place)
    this.turns = new Turns(plan.members.filter(({ bytes }) => !bytes))
    this.startWriting(handle, plan)
    for (const { name, bytes } of plan.members) if (bytes) await this.packer.addBytes(name, bytes)
  }

  async locateWritten({ digest, size }: Descriptor): Promise<FileRange | undefined> {
    const member = this.plan?.blobs.get(digest)
    return member && this.handle && { path: this.partName, offset: this.placeOf(member), size }
  }

  /** The order of the members, in which their headers are written. */
  order(descriptors: Descriptor[]): Descriptor[] {
    const places = new Map([...(this.plan?.blobs.keys() ?? [])].map((digest, i) => [digest, i]))
    const place = ({ digest }: Descriptor): number => places.get(digest) ?? places.size
    return [...descriptors].sort((a, b) => place(a) - place(b))
  }

  protected async take(content: Content, member: PlannedMember): Promise<void> {
    const { range, signal } = content
    const copied = range && this.copyRange(content, range, member)
    // It is thrown where it is awaited.
    copied?.catch(() => {})
    try {
      const turn = this.turns.of(member, signal)
      // A failure is reported at once, not when its turn comes.
      await Promise.race([turn, copied?.then(() => turn) ?? turn])
      await this.packer.addPlaced(member.name, member.size, () => copied ?? this.receive(content, member))
    } finally {
      // Nobody may close the file while a thread is writing to it.
      await copied?.catch(() => {})
    }
    this.turns.end(member)
    this.tellFollower()
  }

  /**
   * From a file on this machine: hashed, summed and copied in one pass, on another thread.
   * @returns the CRC-32
   */
  private async copyRange(content: Content, range: FileRange, member: PlannedMember): Promise<number> {
    const { descriptor, signal } = content
    const target = { path: this.partName, offset: this.placeOf(member), create: false, writesBack: false }
    const onBytes = (count: number): void => this.wrote(content, member, count)
    const options = { target, label: range.path, onBytes, signal, sumsCrc32: true }
    const crc32 = await verifiedRange(this.options.hasher, range, descriptor, options)
    return crc32 ?? impossible(`${this.label} has a member without a sum.`)
  }

  /**
   * What an earlier run had fetched stays in the file, and the rest comes from the source.
   * @returns the CRC-32
   */
  private async receive(content: Content, member: PlannedMember): Promise<number> {
    const { descriptor, signal } = content
    await this.headerOf(member)
    const kept = await this.kept?.of(member, descriptor, this.options.hasher, signal)
    const size = kept?.size ?? 0
    content.onBytes?.(size, 'reused')
    this.note(member, size)
    if (kept?.crc32 !== undefined) return kept.crc32
    const hash = hashFor(descriptor)
    const sum = { crc32: 0 }
    if (kept) for await (const chunk of summing(readRange(kept, { signal }), sum)) hash.update(chunk)
    const fresh = size < descriptor.size ? content.open(size) : nothing()
    const bytes = verified(fresh, descriptor, { before: { hash, bytes: size }, signal })
    try {
      await this.writeBytes(content, member, summing(bytes, sum), size)
    } catch (error) {
      throw size > 0 && isBadInput(error) ? leftDamaged(this.partName, error) : error
    }
    return sum.crc32
  }

  private async writeBytes(
    content: Content,
    member: PlannedMember,
    bytes: Bytes,
    from: number,
  ): Promise<void> {
    const handle = this.handle ?? impossible(`${this.label} was not begun.`)
    const wrote = (count: number): void => this.wrote(content, member, count)
    await writeBytes(handle, bytes, this.placeOf(member) + from, wrote, member.size - from)
  }

  /** Resolves when the header is in the file: without it, the next run does not know what the bytes are. */
  private async headerOf(member: PlannedMember): Promise<void> {
    const at = this.placeOf(member)
    while (this.around < at)
      await new Promise<void>((resolve) => {
        this.headed = resolve
      })
  }

  /** Where the bytes of a member begin. */
  private placeOf(member: PlannedMember): number {
    return this.places.get(member)?.bytesAt ?? impossible(`${this.label} has no place for ${member.name}.`)
  }

  private wrote(content: Content, member: PlannedMember, count: number): void {
    content.onBytes?.(count, 'copied')
    this.writeback?.wrote(count)
    this.note(member, count)
  }

  private note(member: PlannedMember, count: number): void {
    this.here.set(member, (this.here.get(member) ?? 0) + count)
    this.tellFollower()
  }

  /** The follower may read what is final: up to the blob whose turn it is, and what is there of that. */
  private tellFollower(): void {
    const { current } = this.turns
    const isAtBytes = current !== undefined && this.around === this.placeOf(current)
    this.follower?.ready(this.around + (isAtBytes ? (this.here.get(current) ?? 0) : 0))
  }

  protected async drop(error: unknown): Promise<void> {
    this.packer.abort()
    await this.writing?.catch(() => {})
    const isLost = await this.writeback?.settled().then(
      () => false,
      () => true,
    )
    await this.follower?.stop()
    await this.handle?.close().catch(() => {})
    // A part file without a single byte of a blob helps nobody, and one that did not fully reach the disk would be
    // trusted.
    const isUseless = isLost || isBadInput(error) || [...this.here.values()].every((bytes) => bytes === 0)
    if (this.handle && isUseless) await unlessLost(this.lock, () => removePath(this.partName))
  }

  private startWriting(handle: FileHandle, plan: MemberPlan): void {
    if (zipSize(plan.members) > FOLLOW_BYTES) this.follower = new Follower(this.partName)
    const gaps = [...this.places.values()].flatMap(({ member, bytesAt }) =>
      member.bytes ? [] : [{ at: bytesAt, size: member.size }],
    )
    this.writing = inWords(`Writing ${this.label}`, 'destination', () =>
      writeAround(handle, this.packer.bytes, gaps, (upTo) => {
        this.around = upTo
        this.headed()
        this.tellFollower()
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
      await this.writeback?.settled()
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

async function* nothing(): Bytes {}

/** After a power loss there may be other bytes than were written. */
function leftDamaged(file: string, cause: unknown): ContainerImageError {
  const { code, expected, found } = cause as ContainerImageError
  return new ContainerImageError(code, `${file} does not hold what an earlier run fetched.`, {
    side: 'destination',
    expected,
    found,
    remedy: 'Run the command again: what was left has been removed.',
  })
}
