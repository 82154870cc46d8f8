import path from 'node:path'
import { type Descriptor, type Digest, hasCode, type VolumePiece } from '../../../manifests/index.js'
import { isBadInput } from '../../copy/bad-input.js'
import { inParallel } from '../../copy/in-parallel.js'
import type { Content, CopyPlan, ImageSink } from '../../copy/ports.js'
import { checkDigest, hashFor, sizeMismatch, verified } from '../../copy/verified.js'
import { verifiedRange } from '../../copy/verified-range.js'
import type { Bytes } from '../../io/bytes.js'
import { makeFolder, syncFolder } from '../../io/files/durable.js'
import { type Lock, takeLock, unlessLost } from '../../io/files/lock.js'
import { readRange } from '../../io/files/read-range.js'
import { removePath } from '../../io/files/rename-and-remove.js'
import { checkSpace } from '../../io/files/space.js'
import { inWords } from '../../io/files/system-errors.js'
import { writeBytes } from '../../io/files/write-bytes.js'
import type { Hasher } from '../../io/hashing/hasher.js'
import type { RangeJob } from '../../io/hashing/range-job.js'
import { bytesOffset, type PlannedMember } from '../in-place/member-plan.js'
import { allocatedBytes } from '../in-place/part-file.js'
import { dealOut } from './deal-out.js'
import type { VolumePlan } from './plan.js'
import { VolumeFile } from './volume-file.js'

export interface VolumeSinkOptions {
  folder: string
  force: boolean
  hasher: Hasher
  /** Makes only the volume with this number. */
  only?: number
  /** Files to be removed once all volumes have their names: those of another set, which these replace. */
  replaced?: readonly string[]
}

/** One piece of a blob with the volume that holds it. */
interface Place {
  piece: VolumePiece
  file: VolumeFile
  member: PlannedMember
}

/** More would only wait for the hashing threads. */
const PIECES_AT_ONCE = 4

/** How much of a blob may have to be fetched again after a kill. */
const NOTE_BYTES = 4 * 1024 * 1024

/**
 * A set of volumes as the destination of a copy. It is known where everything goes before the first blob arrives, so
 * each byte is written once, straight to its place; a volume gets its name when everything in it was verified.
 */
export class VolumeSink implements ImageSink {
  readonly label: string
  readonly isSeenEarly = true
  readonly files: VolumeFile[]
  private readonly places = new Map<Digest, Place[]>()
  private readonly whole = new Set<Digest>()
  private lock: Lock | undefined

  constructor(
    private readonly plan: VolumePlan,
    private readonly options: VolumeSinkOptions,
  ) {
    this.label = options.folder
    this.files = plan.volumes
      .map((volume) => new VolumeFile(options.folder, volume, { check: async () => this.lock?.check() }))
      .filter((_, i) => options.only === undefined || options.only === i + 1)
  }

  async begin(_plan: CopyPlan, { signal }: { signal?: AbortSignal } = {}): Promise<void> {
    const { folder, force, hasher } = this.options
    // The lock is for the whole set, even if a single volume is made alongside a run that makes all.
    const [first] = this.plan.volumes
    await inWords(`Writing ${folder}`, 'destination', async () => {
      await makeFolder(folder)
      this.lock = await takeLock(path.join(folder, `${first?.name}.part.lock`), { signal })
      await checkSpace(folder, await this.bytesMissing())
      for (const file of this.files) await file.begin(hasher, force, signal)
    })
    this.locate()
    for (const file of this.files) if (file.planned.plan.blobs.size === 0) await file.finish()
  }

  private async bytesMissing(): Promise<number> {
    let missing = 0
    for (const { path: file, planned } of this.files) {
      const there = Math.max(await allocatedBytes(file), await allocatedBytes(`${file}.part`))
      missing += Math.max(0, planned.plan.size - there)
    }
    return missing
  }

  private locate(): void {
    for (const [digest, blob] of this.plan.blobs) {
      const places: Place[] = []
      for (const piece of blob.pieces) {
        const name = this.plan.volumes[piece.volume - 1]?.name
        const file = this.files.find((one) => one.planned.name === name)
        const member = file?.planned.plan.blobs.get(digest)
        if (file && member) places.push({ piece, file, member })
      }
      this.places.set(digest, places)
      if (places.every((place) => place.file.isDone)) this.whole.add(digest)
    }
  }

  async has({ digest }: Descriptor): Promise<boolean> {
    return this.whole.has(digest)
  }

  async write(content: Content): Promise<void> {
    const { digest, size } = content.descriptor
    const places = this.places.get(digest)
    if (!places) {
      // A document: it was written with the headers.
      content.onBytes?.(size, 'copied')
      return
    }
    if (content.range && places.some((place) => place.file.unfinished)) await this.copyRange(content, places)
    else await this.receive(content, places)
    await content.judged?.()
    await Promise.all(
      places.map(({ file, member }) =>
        inWords(`Writing ${file.path}`, 'destination', () => file.noteVerified(member)),
      ),
    )
    this.whole.add(digest)
  }

  /** Names are in the documents of every volume. */
  async tag(): Promise<void> {}

  async commit(): Promise<void> {
    await this.removeReplaced()
    await this.lock?.release()
  }

  async abort(error: unknown): Promise<void> {
    for (const file of this.files) {
      await file.abandon()
      if (isBadInput(error) && !file.isDone)
        await unlessLost(this.lock, () => removePath(`${file.path}.part`))
    }
    await this.lock?.release()
  }

  /** A volume that has just been written under one of their names stays. */
  private async removeReplaced(): Promise<void> {
    const { folder, replaced = [] } = this.options
    const written = new Set(this.files.map((file) => file.path))
    const going = replaced.filter((file) => !written.has(file))
    if (going.length === 0) return
    await inWords(`Removing volumes of another set in ${folder}`, 'destination', async () => {
      for (const file of going) {
        await this.lock?.check()
        await removePath(file)
      }
      await syncFolder(folder)
    })
  }

  /**
   * From a file on this machine, on other threads: a blob that is whole in its volume is hashed and copied in one pass;
   * the pieces of one that is cut are copied side by side, while all of it is hashed.
   */
  private async copyRange(content: Content, places: Place[]): Promise<void> {
    const { descriptor, range, signal } = content
    if (!range) return
    if (range.size !== descriptor.size) throw sizeMismatch(descriptor, range.size, range.path)
    const { hasher } = this.options
    const options = { label: range.path, signal }
    const [only] = places
    if (only && places.length === 1 && only.piece.size === descriptor.size) {
      const onBytes = told(content)
      await verifiedRange(hasher, range, descriptor, { target: targetOf(only), onBytes, ...options })
      return
    }
    const all = verifiedRange(hasher, range, descriptor, options)
    // If a piece fails first, nobody waits for this one.
    all.catch(() => {})
    await inParallel(places, PIECES_AT_ONCE, signal, (place, stop) => this.copyPiece(content, place, stop))
    await all
  }

  /** The piece is not hashed by itself, as only the blob's digest is known. */
  private async copyPiece(content: Content, place: Place, signal: AbortSignal): Promise<void> {
    const { range } = content
    if (!range || !place.file.unfinished) return
    const { from, size } = place.piece
    const source = { path: range.path, offset: range.offset + from, size }
    const job = { source, target: targetOf(place) }
    await this.options.hasher.run(job, { onBytes: told(content), signal })
  }

  private async receive(content: Content, places: Place[]): Promise<void> {
    const kept = keptOf(content.descriptor.size, places)
    try {
      await this.receiveFrom(content, places, kept)
    } catch (error) {
      if (!hasCode(error, 'DIGEST_MISMATCH', 'SIZE_MISMATCH')) throw error
      forget(places)
      // The bytes that an earlier run left may be wrong; the source gets one clean chance.
      if (kept === 0) throw error
      content.onBytes?.(-kept, 'reused')
      await this.receiveFrom(content, places, 0)
    }
  }

  private async receiveFrom(content: Content, places: Place[], kept: number): Promise<void> {
    const { descriptor, signal } = content
    const hash = hashFor(descriptor)
    if (kept > 0) {
      const there = keptBytes(places, kept, signal)
      for await (const chunk of content.kept?.(there) ?? there) hash.update(chunk)
    }
    content.onBytes?.(kept, 'reused')
    if (kept === descriptor.size) {
      checkDigest(hash, descriptor)
      return
    }
    const before = { hash, bytes: kept }
    const bytes = verified(content.open(kept), descriptor, { before, signal })
    await dealOut(bytes, kept, places.map(rangeOf), async (at, part, skipped) => {
      const place = places[at]
      if (place) await writePiece(place, part, skipped, content)
    })
  }
}

function told({ onBytes }: Content): (count: number) => void {
  return (count) => onBytes?.(count, 'copied')
}

function targetOf({ file, member }: Place): NonNullable<RangeJob['target']> {
  return { path: file.readable, offset: bytesOffset(member), create: false, writesBack: false }
}

function rangeOf({ piece }: Place): { from: number; size: number } {
  return { from: piece.from, size: piece.size }
}

/** Writes what is missing of one piece; the parts of a blob that another volume has are skipped. */
async function writePiece(
  { file, member }: Place,
  bytes: Bytes,
  skipped: number,
  content: Content,
): Promise<void> {
  const part = file.unfinished
  let done = skipped
  let noted = skipped
  if (!part) {
    for await (const chunk of bytes) content.onBytes?.(chunk.length, 'copied')
    return
  }
  const wrote = (count: number): void => {
    done += count
    content.onBytes?.(count, 'copied')
    if (done - noted < NOTE_BYTES) return
    part.setDone(member, done)
    noted = done
  }
  const left = member.size - skipped
  // Even if all went well: the piece that fails next may be in another volume.
  await writeBytes(part.handle, bytes, bytesOffset(member) + skipped, wrote, left).finally(() =>
    part.setDone(member, done),
  )
}

/** How many bytes of a blob are here, from its start without a gap. */
function keptOf(size: number, places: Place[]): number {
  let kept = 0
  for (const { piece, file, member } of places) {
    if (piece.from !== kept) return kept
    const done = file.doneOf(member)
    kept += done
    if (done < piece.size) return kept
  }
  return Math.min(kept, size)
}

async function* keptBytes(places: Place[], kept: number, signal?: AbortSignal): Bytes {
  for (const { piece, file, member } of places) {
    const size = Math.min(piece.size, kept - piece.from)
    if (size <= 0) return
    yield* readRange({ path: file.readable, offset: bytesOffset(member), size }, { signal })
  }
}

function forget(places: Place[]): void {
  for (const { file, member } of places) file.unfinished?.setDone(member, 0)
}
