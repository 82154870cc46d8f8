import { lstat } from 'node:fs/promises'
import type { Descriptor, Digest } from '../../../manifests/index.js'
import type { Context } from '../../session/context.js'
import { changeEntries } from '../../store/index-file.js'
import type { Store } from '../../store/store.js'
import { removeBlobs } from '../../store/sweep.js'
import { entriesOrWrong } from '../../store/whole-index.js'
import { blobProblems } from './blob-problems.js'
import { bringBack, type Wanted } from './bring-back.js'
import { neededBlobs } from './needed.js'
import type { Offer, Offers } from './offers.js'
import type { StoreProblem } from './request.js'

/** What is wrong with the blobs of a store, and how it is repaired. */
export class BlobRepair {
  broughtBytes = 0
  private readonly found = new Map<string, StoreProblem>()
  private readonly tried = new Set<Digest>()

  /** @param there everything whose name is a digest, all of which has been read */
  constructor(
    private readonly context: Context,
    private readonly store: Store,
    private readonly there: readonly Descriptor[],
    private readonly offers: Offers,
  ) {}

  /** Everything that was found wrong, including what was repaired. */
  get problems(): StoreProblem[] {
    return [...this.found.values()]
  }

  /** Finds what is wrong, and which places have it. */
  async look(entries: readonly Descriptor[]): Promise<void> {
    await this.find(entries)
    await this.forgetOutdated()
  }

  private async find(entries: readonly Descriptor[]): Promise<Wanted[]> {
    const { places } = this.store
    const needed = await neededBlobs(places, entries, this.context.options.signal)
    const wanted: Wanted[] = []
    for (const problem of await blobProblems(this.context, this.store, needed, this.there)) {
      const { descriptor, by } = needed.get(problem.digest) ?? {}
      const offers = descriptor && by ? await this.whoHas(descriptor, [...by]) : []
      this.found.set(problem.digest, { ...problem, from: offers.map(({ label }) => label) })
      if (descriptor && offers.length > 0 && !this.tried.has(problem.digest))
        wanted.push({ descriptor, offers })
    }
    return wanted
  }

  /**
   * Restores what is available, and what turns out to be missing below it; damaged blobs that no image needs
   * are removed.
   * @param whatIf only says what would be tried
   */
  async repair(entries: readonly Descriptor[], whatIf: boolean): Promise<void> {
    for (;;) {
      const wanted = await this.find(entries)
      if (whatIf || wanted.length === 0) break
      for (const { descriptor } of wanted) this.tried.add(descriptor.digest)
      this.broughtBytes += await bringBack(this.context, this.store, wanted)
    }
    await this.forgetOutdated()
    if (!whatIf) await this.removeUnneeded(entries)
    for (const problem of this.found.values())
      problem.repaired = whatIf
        ? problem.from.length > 0 || problem.neededBy.length === 0
        : await this.isRight(problem)
  }

  /** Another process may have removed an image while its blobs were being examined. */
  private async forgetOutdated(): Promise<void> {
    const { places } = this.store
    const { entries, wrong } = await entriesOrWrong(places)
    if (wrong) return
    const needed = await neededBlobs(places, entries, this.context.options.signal)
    for (const [key, { digest, neededBy }] of this.found)
      if (digest !== undefined && neededBy.length > 0 && !needed.has(digest)) this.found.delete(key)
  }

  private async whoHas(descriptor: Descriptor, by: readonly Descriptor[]): Promise<Offer[]> {
    const having: Offer[] = []
    for (const offer of await this.offers.for(by)) if (await offer.has(descriptor)) having.push(offer)
    return having
  }

  private async isRight({ digest, size, neededBy }: StoreProblem): Promise<boolean> {
    if (digest === undefined || size === undefined) return false
    const known = await this.store.checked.known({ mediaType: '', digest, size })
    // A blob that no image needs need only be gone.
    return known === true || (neededBy.length === 0 && !(await this.isThere(digest)))
  }

  private async isThere(digest: Digest): Promise<boolean> {
    return await lstat(this.store.places.blob(digest)).then(
      () => true,
      () => false,
    )
  }

  /** Bytes that do not match their name are of no use to anybody. */
  private async removeUnneeded(entries: readonly Descriptor[]): Promise<void> {
    const useless = [...this.found.values()].filter(({ neededBy }) => neededBy.length === 0)
    if (useless.length === 0) return
    const { places } = this.store
    await changeEntries(places, async (now, lock) => {
      const needed = await neededBlobs(places, [...entries, ...now])
      const blobs = useless.flatMap(({ digest, size = 0 }) =>
        digest === undefined || needed.has(digest) ? [] : [{ digest, size }],
      )
      await removeBlobs(places, blobs, lock)
      return undefined
    })
  }
}
