import type { AnyEntry } from '../compare/entry-differences.js'
import type { RootEntry } from './root.js'

/**
 * Which names are one file, in the parent and in the root. Some engines unpack each layer into its own
 * folder, and then find no names from lower layers: so if a layer has one name of a file, it has all of them.
 */
export class LinkGroups {
  /** Of the parent: the first name, by each of the names. */
  private readonly before = new Map<string, string>()
  /** Of the root: every name that counts, with its entry, in the order of the walk. */
  private readonly seen = new Map<string, RootEntry>()

  constructor(parent: Iterable<AnyEntry>) {
    for (const { path, sameAs } of parent) {
      if (sameAs === undefined) continue
      this.before.set(sameAs, sameAs)
      this.before.set(path, sameAs)
    }
  }

  /** Whether a name is, or was, one of several. */
  mayMatter(path: string): boolean {
    return this.before.has(path) || this.seen.has(path)
  }

  see(entry: RootEntry): void {
    if (entry.isLinked || (entry.kind === 'file' && this.before.has(entry.path)))
      this.seen.set(entry.path, entry)
  }

  /** The names that have to be written in addition to those that are written anyway. */
  alsoWritten(isWritten: (path: string) => boolean): RootEntry[] {
    const groups = new Map<string, RootEntry[]>()
    for (const entry of this.seen.values()) {
      const first = firstName(entry)
      groups.set(first, [...(groups.get(first) ?? []), entry])
    }
    const found: RootEntry[] = []
    const keeps = new Set<string>()
    for (const group of groups.values())
      if (!this.isKept(group, isWritten, keeps)) found.push(...group.filter(({ path }) => !isWritten(path)))
    return found
  }

  /**
   * Of the names that were one file before, those that are still the same file as the first of them stay as
   * they are.
   */
  private isKept(group: RootEntry[], isWritten: (path: string) => boolean, keeps: Set<string>): boolean {
    const [one, ...others] = new Set(group.map(({ path }) => this.before.get(path)))
    if (others.length > 0 || group.some(({ path }) => isWritten(path))) return false
    if (one === undefined) return group.length === 1
    if (keeps.has(one)) return false
    keeps.add(one)
    return true
  }
}

function firstName({ path, sameAs }: RootEntry): string {
  return sameAs ?? path
}
