import path from 'node:path'
import { type Descriptor, type Digest, hasCode, splitDigest } from '../../manifests/index.js'
import type { ExpectedLayer } from '../copy/expected-layer.js'
import { type Held, syncFile, syncFolder } from '../io/files/durable.js'
import { inWords } from '../io/files/system-errors.js'
import type { Hasher, HashOptions } from '../io/hashing/hasher.js'
import { type CheckedContent, readChecked, writeChecked } from './checked-file.js'
import { isSettled, type Marks, marksOf, sizeIn } from './file-marks.js'
import { changeEntries } from './index-file.js'
import { areAllFound, type Judgement, judgementsOf } from './judged-layers.js'
import { listedSizes } from './listed-sizes.js'
import type { Places } from './places.js'
import { blobNames } from './sweep.js'

/**
 * Which blobs of a layout are known to have the bytes that their names say. A blob is hashed before it gets
 * its name, and again when the layout is verified; as long as its file still has the same marks, it need not
 * be read again. For any other (on a media, in a layout that another program wrote, changed since) the name
 * proves nothing: it is hashed when it is needed. The result is kept for the next run, but not on a media,
 * which others write to.
 */
export class CheckedBlobs {
  private kept: Promise<CheckedContent> | undefined
  private listed: Promise<ReadonlyMap<Digest, number>> | undefined
  private readonly right = new Map<Digest, Marks>()
  /** Those whose bytes are not what their names say. */
  private readonly wrong = new Map<Digest, Marks>()
  /** The total size of the files in a layer, which never changes for a digest. */
  private readonly sizes = new Map<Digest, number>()
  /** What layers were found to be when this run unpacked them. */
  private readonly judged = new Map<Digest, ReadonlySet<Judgement>>()
  private readonly hashing = new Map<Digest, Promise<boolean>>()

  /** @param isKept whether the next run may trust this one */
  constructor(
    private readonly places: Places,
    private readonly isKept: boolean,
  ) {}

  /** Whether a blob is there, with its full size and its bytes. @throws INTERRUPTED, PERMISSION_DENIED */
  async has(descriptor: Descriptor, hasher: Hasher, signal?: AbortSignal): Promise<boolean> {
    const known = await this.known(descriptor)
    if (known !== undefined) return known
    const { digest } = descriptor
    const running =
      this.hashing.get(digest) ??
      this.hash(descriptor, hasher, { signal }).finally(() => this.hashing.delete(digest))
    this.hashing.set(digest, running)
    return await running
  }

  /** The same, as far as can be said without reading the blob. */
  async known({ digest, size }: Descriptor): Promise<boolean | undefined> {
    const marks = await this.marksOf(digest)
    if (marks === undefined || sizeIn(marks) !== size || this.wrong.get(digest) === marks) return false
    if (this.right.get(digest) === marks || (await this.keptContent()).blobs.get(digest) === marks)
      return true
    return undefined
  }

  /** The same, by reading the blob, whatever is known about it. */
  async hash(descriptor: Descriptor, hasher: Hasher, options: HashOptions = {}): Promise<boolean> {
    const { digest, size } = descriptor
    const marks = await this.marksOf(digest)
    if (marks === undefined || sizeIn(marks) !== size) return false
    const isRight = await this.isWhole(descriptor, hasher, options)
    if (isRight) await this.sync(digest)
    this.settle(digest, marks, isRight)
    return isRight
  }

  /** Notes that a blob was hashed by the code that just gave it its name. */
  async note(digest: Digest): Promise<void> {
    const marks = await this.marksOf(digest)
    if (marks !== undefined) this.settle(digest, marks, true)
  }

  /** Notes the total size of the files in a layer, once its own bytes were found right. */
  noteUnpacked(digest: Digest, bytes: number): void {
    this.sizes.set(digest, bytes)
  }

  /** The same, for a layer that was found to be what is expected. */
  noteLayer(digest: Digest, bytes: number, expected: ExpectedLayer): void {
    this.noteUnpacked(digest, bytes)
    this.judged.set(digest, new Set([...(this.judged.get(digest) ?? []), ...judgementsOf(expected)]))
  }

  /**
   * The total size of the files in a layer that this run or an earlier one has unpacked, and found to be what is
   * expected; undefined for any other, and where its file is not the one that was hashed.
   */
  async knownLayer(layer: Descriptor, expected: ExpectedLayer): Promise<number | undefined> {
    const { digest } = layer
    const before = (await this.keptContent()).judged.get(digest) ?? []
    const found = new Set([...before, ...(this.judged.get(digest) ?? [])])
    if (!areAllFound(found, expected) || (await this.known(layer)) !== true) return undefined
    return await this.unpacked(digest)
  }

  /** What the files in a layer add up to, in bytes; undefined if it was never looked into. A media says it in its list. */
  async unpacked(digest: Digest): Promise<number | undefined> {
    return this.sizes.get(digest) ?? (await this.unpackedBefore()).get(digest)
  }

  private async unpackedBefore(): Promise<ReadonlyMap<Digest, number>> {
    if (this.isKept) return (await this.keptContent()).unpacked
    this.listed ??= listedSizes(this.places)
    return await this.listed
  }

  /** Lets the caller read all blobs, and trusts the result. */
  async during<T>(readAll: () => Promise<T>, damagedIn: (result: T) => Digest[]): Promise<T> {
    const before = new Map<Digest, Marks>()
    for (const digest of await blobNames(this.places)) {
      const marks = await this.marksOf(digest)
      if (marks !== undefined) before.set(digest, marks)
    }
    const result = await readAll()
    const damaged = new Set(damagedIn(result))
    for (const [digest, marks] of before) this.settle(digest, marks, !damaged.has(digest))
    return result
  }

  /**
   * Keeps the results for the next run.
   * @returns false if that could not be
   */
  async keep(): Promise<boolean> {
    if (!this.isKept || !(await this.isNews())) return true
    const written = changeEntries(this.places, async (_, lock) => {
      await this.write(lock)
      return undefined
    })
    return await written.then(
      () => true,
      () => false,
    )
  }

  private async isNews(): Promise<boolean> {
    const { blobs: kept, unpacked, judged } = await this.keptContent()
    if ([...this.judged].some(([digest, found]) => [...found].some((one) => !judged.get(digest)?.has(one))))
      return true
    if ([...this.sizes].some(([digest, bytes]) => unpacked.get(digest) !== bytes)) return true
    const added = [...this.right].some(([digest, marks]) => kept.get(digest) !== marks && isSettled(marks))
    return added || [...this.wrong].some(([digest, marks]) => kept.get(digest) === marks)
  }

  /** Under the index lock: another process may have added some. Those removed from the store are left out. */
  private async write(lock: Held): Promise<void> {
    const kept = await readChecked(this.places)
    const { blobs, unpacked, judged } = kept
    for (const [digest, marks] of this.right) if (isSettled(marks)) blobs.set(digest, marks)
    for (const [digest, marks] of this.wrong) if (blobs.get(digest) === marks) blobs.delete(digest)
    for (const [digest, bytes] of this.sizes) unpacked.set(digest, bytes)
    for (const [digest, found] of this.judged)
      judged.set(digest, new Set([...(judged.get(digest) ?? []), ...found]))
    const there = new Set(await blobNames(this.places))
    for (const all of [blobs, unpacked, judged])
      for (const digest of all.keys()) if (!there.has(digest)) all.delete(digest)
    await writeChecked(this.places, kept, lock)
    this.kept = Promise.resolve(kept)
  }

  /** Those whose bytes turned out not to match their names. */
  get damaged(): Digest[] {
    return [...this.wrong.keys()]
  }

  private settle(digest: Digest, marks: Marks, isRight: boolean): void {
    const [found, other] = isRight ? [this.right, this.wrong] : [this.wrong, this.right]
    found.set(digest, marks)
    other.delete(digest)
  }

  private async isWhole(descriptor: Descriptor, hasher: Hasher, options: HashOptions): Promise<boolean> {
    const { digest, size } = descriptor
    const { algorithm, hex } = splitDigest(digest)
    const file = this.places.blob(digest)
    try {
      const result = await hasher.run({ source: { path: file, offset: 0, size }, algorithm }, options)
      return result.hex === hex
    } catch (error) {
      // Cut or removed since it was requested, or no longer readable from the disk.
      if (hasCode(error, 'FILE_CHANGED', 'PATH_NOT_FOUND', 'SIZE_MISMATCH', 'CANNOT_MAKE')) return false
      throw error
    }
  }

  /** Its writer may not have synced it, and what counts as present must survive a power loss. */
  private async sync(digest: Digest): Promise<void> {
    const file = this.places.blob(digest)
    await inWords(`Writing ${file}`, 'destination', async () => {
      await syncFile(file)
      await syncFolder(path.dirname(file))
    })
  }

  private async marksOf(digest: Digest): Promise<Marks | undefined> {
    return await marksOf(this.places.blob(digest))
  }

  private async keptContent(): Promise<CheckedContent> {
    this.kept ??= this.isKept
      ? readChecked(this.places)
      : Promise.resolve({ blobs: new Map(), unpacked: new Map(), judged: new Map() })
    return await this.kept
  }
}
