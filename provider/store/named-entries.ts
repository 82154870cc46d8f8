import type { Descriptor, Digest } from '../../manifests/index.js'
import { refNameOf, sorted } from './entries.js'

/**
 * The entries of a store's index by their names: an entry is found by its name, and replaced, without looking
 * at all the others, so that adding many takes time in proportion to their number.
 */
export class NamedEntries {
  private readonly named = new Map<string, Descriptor[]>()
  private readonly nameless = new Map<Digest, Descriptor[]>()
  /** Of the entries with a name. */
  private readonly digests = new Map<Digest, number>()

  constructor(entries: readonly Descriptor[]) {
    for (const entry of entries) this.put(entry)
  }

  /** Several where images for different machines share the name. */
  called(refName: string | undefined): readonly Descriptor[] {
    return refName === undefined ? [] : (this.named.get(refName) ?? [])
  }

  /**
   * Adds an entry in place of the one that had its name before; one without a name is useless beside one with
   * the same digest that has a name.
   * @param beside entries of the same name that stay, as they are for other platforms
   */
  add(entry: Descriptor, beside: ReadonlySet<Descriptor>): void {
    const refName = refNameOf(entry)
    if (refName === undefined && this.digests.has(entry.digest)) return
    this.nameless.delete(entry.digest)
    if (refName !== undefined) {
      const before = this.called(refName)
      for (const { digest } of before) this.count(digest, -1)
      this.named.delete(refName)
      for (const other of before) if (beside.has(other)) this.put(other)
    }
    this.put(entry)
  }

  all(): Descriptor[] {
    return sorted([...this.named.values(), ...this.nameless.values()].flat())
  }

  private put(entry: Descriptor): void {
    const refName = refNameOf(entry)
    if (refName === undefined) push(this.nameless, entry.digest, entry)
    else {
      push(this.named, refName, entry)
      this.count(entry.digest, 1)
    }
  }

  private count(digest: Digest, change: number): void {
    const count = (this.digests.get(digest) ?? 0) + change
    if (count > 0) this.digests.set(digest, count)
    else this.digests.delete(digest)
  }
}

function push<K>(lists: Map<K, Descriptor[]>, key: K, entry: Descriptor): void {
  const list = lists.get(key)
  if (list) list.push(entry)
  else lists.set(key, [entry])
}
