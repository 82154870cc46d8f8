import { rm } from 'node:fs/promises'
import {
  type Descriptor,
  type Digest,
  hasCode,
  splitDigest,
  type VolumePiece,
} from '../../manifests/index.js'
import { inParallel } from '../copy/in-parallel.js'
import { makeFolder } from '../files/durable.js'
import { type Lock, takeLock } from '../files/lock.js'
import { readRange } from '../files/read-range.js'
import { checkSpace } from '../files/space.js'
import { inWords } from '../files/system-errors.js'
import { writeBytes } from '../files/write-bytes.js'
import type { Hasher } from '../hashing/hasher.js'
import type { RangeResult } from '../hashing/range-job.js'
import { bytesOffset, type PlannedMember } from '../in-place/member-plan.js'
import { allocatedBytes } from '../in-place/part-file.js'
import type { Bytes, Content, CopyPlan, ImageSink } from '../ports.js'
import { isBadInput } from '../verified/bad-input.js'
import { checkDigest, digestMismatch, hashFor, sizeMismatch, verified } from '../verified/verified.js'
import { dealOut } from './deal-out.js'
import type { VolumePlan } from './plan.js'
import { VolumeFile } from './volume-file.js'

export interface VolumeSinkOptions {
  folder: string
  force: boolean
  hasher: Hasher
  /** Makes this volume alone, by its number. */
  only?: number
}

/** One piece of a blob with the volume that has it. */
interface Place {
  piece: VolumePiece
  file: VolumeFile
  member: PlannedMember
}

/** More would only wait for the hashing threads. */
const PIECES_AT_ONCE = 4

/** How much of a blob may have to come again after a kill. */
const NOTE_BYTES = 4 * 1024 * 1024

/**
 * A set of volumes as the end of a copy. Where everything goes is known before the first blob arrives, so
 * each byte is written once, straight to its place; a volume gets its name when all in it was verified.
 */
export class VolumeSink implements ImageSink {
  readonly label: string
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
      .map((volume) => new VolumeFile(options.folder, volume))
      .filter((_, i) => options.only === undefined || options.only === i + 1)
  }

  async begin(_plan: CopyPlan, { signal }: { signal?: AbortSignal } = {}): Promise<void> {
    const { folder, force, hasher } = this.options
    const [first] = this.files
    await inWords(`Writing ${folder}`, 'destination', async () => {
      await makeFolder(folder)
      this.lock = await takeLock(`${first?.path}.part.lock`, signal ? { signal } : {})
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
    await this.lock?.release()
  }

  async abort(error: unknown): Promise<void> {
    for (const file of this.files) {
      await file.abandon()
      if (isBadInput(error) && !file.isDone) await rm(`${file.path}.part`, { force: true })
    }
    await this.lock?.release()
  }

  /**
   * From a file of this machine, on other threads: a blob that is whole in its volume is hashed and copied in one
   * pass; of one that is cut the pieces are copied side by side, while all of it is hashed.
   */
  private async copyRange(content: Content, places: Place[]): Promise<void> {
    const { descriptor, range, signal } = content
    if (!range) return
    if (range.size !== descriptor.size) throw sizeMismatch(descriptor, range.size, range.path)
    const { algorithm, hex } = splitDigest(descriptor.digest)
    const isCut = places.length !== 1 || places[0]?.piece.size !== descriptor.size
    const whole = { source: range, algorithm }
    const all = isCut ? this.options.hasher.run(whole, signal ? { signal } : {}) : undefined
    // Where a piece fails first, nobody waits for this one.
    all?.catch(() => {})
    let one: RangeResult | undefined
    await inParallel(places, PIECES_AT_ONCE, signal, async (place, stop) => {
      one = await this.copyPiece(content, place, stop)
    })
    const result = (await all) ?? one
    if (!result) return
    if (result.bytes !== descriptor.size) throw sizeMismatch(descriptor, result.bytes, range.path)
    if (result.hex !== hex) throw digestMismatch(descriptor, `${algorithm}:${result.hex}`, range.path)
  }

  /** @returns what was read of it; undefined where its volume is finished */
  private async copyPiece(
    { descriptor, range, onBytes }: Content,
    { piece, file, member }: Place,
    signal: AbortSignal,
  ): Promise<RangeResult | undefined> {
    if (!range || !file.unfinished) return undefined
    const { algorithm } = splitDigest(descriptor.digest)
    const source = { path: range.path, offset: range.offset + piece.from, size: piece.size }
    const target = { path: file.readable, offset: bytesOffset(member), create: false, sync: false }
    const told = (count: number): void => onBytes?.(count, 'copied')
    const result = await this.options.hasher.run({ source, algorithm, target }, { onBytes: told, signal })
    if (result.bytes !== piece.size) throw sizeMismatch(descriptor, result.bytes, range.path)
    return result
  }

  private async receive(content: Content, places: Place[]): Promise<void> {
    const kept = keptOf(content.descriptor.size, places)
    try {
      await this.receiveFrom(content, places, kept)
    } catch (error) {
      if (!hasCode(error, 'DIGEST_MISMATCH', 'SIZE_MISMATCH')) throw error
      forget(places)
      // The bytes that an earlier run left may be the wrong ones; the source gets one clean chance.
      if (kept === 0) throw error
      content.onBytes?.(-kept, 'reused')
      await this.receiveFrom(content, places, 0)
    }
  }

  private async receiveFrom(content: Content, places: Place[], kept: number): Promise<void> {
    const { descriptor, signal } = content
    const hash = hashFor(descriptor)
    for await (const chunk of keptBytes(places, kept, signal)) hash.update(chunk)
    content.onBytes?.(kept, 'reused')
    if (kept === descriptor.size) {
      checkDigest(hash, descriptor)
      return
    }
    const before = { hash, bytes: kept }
    const bytes = verified(content.open(kept), descriptor, { before, ...(signal ? { signal } : {}) })
    await dealOut(bytes, kept, places.map(rangeOf), async (at, part, skipped) => {
      const place = places[at]
      if (place) await writePiece(place, part, skipped, content)
    })
  }
}

function rangeOf({ piece }: Place): { from: number; size: number } {
  return { from: piece.from, size: piece.size }
}

/** Writes what is missing of one piece; the rest of a blob goes by where another volume has it. */
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
  await writeBytes(part.handle, bytes, bytesOffset(member) + skipped, (count) => {
    done += count
    content.onBytes?.(count, 'copied')
    if (done - noted < NOTE_BYTES) return
    part.setDone(member, done)
    noted = done
  }).catch((error) => {
    part.setDone(member, done)
    throw error
  })
}

/** Bytes of a blob that are here from its start without a gap. */
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
    yield* readRange({ path: file.readable, offset: bytesOffset(member), size }, signal ? { signal } : {})
  }
}

function forget(places: Place[]): void {
  for (const { file, member } of places) file.unfinished?.setDone(member, 0)
}
