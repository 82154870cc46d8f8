import { ContainerImageError, printable, show } from '../../../manifests/index.js'
import { nameInEngines } from '../../archives/layers/layer-form.js'
import { unreadNumbers } from '../../archives/layers/unread-numbers.js'
import type { TarEntry } from '../../archives/members/tar-entries.js'

/** What is mended on the way from the tarball to the layer, because no engine accepts it as it is. */
export interface MendPlan {
  /** Members that are left out, by the place of their bytes in the tar. */
  dropped: ReadonlySet<number>
  /** Lines for the reader; none if the tar is good as it is. */
  notes: string[]
}

interface Seen {
  offset: number
  kind: TarEntry['kind']
  /** Hard links that lead to it, by the place of theirs. */
  links: number[]
}

/** In a note. */
const MOST_NAMES = 3
/** More members than any system has; each costs memory. */
const MOST_MEMBERS = 2_000_000

/** Gathers what has to be mended in a tarball while it is read for the first time. */
export class MendPlanner {
  private readonly seen = new Map<string, Seen>()
  private readonly dropped = new Set<number>()
  private readonly replaced: { name: string; links: number[] }[] = []
  private readonly twice = new Set<string>()
  private readonly times = new Set<string>()
  private readonly sparse: string[] = []
  private readonly contiguous: string[] = []

  constructor(private readonly label: string) {}

  /** @throws LAYER_INVALID for a folder and something else of one name, and for a hard link to nothing */
  add(entry: TarEntry): void {
    const name = plain(nameInEngines(entry))
    if (entry.header.type === 'S') this.sparse.push(name)
    if (entry.header.type === '7') this.contiguous.push(name)
    if (unreadNumbers(entry).some(({ isTime }) => isTime)) this.times.add(name)
    const target = entry.kind === 'hard-link' ? plain(entry.target ?? '') : undefined
    const before = this.seen.get(name)
    if (before) {
      this.twice.add(name)
      // GNU tar writes a file that it is given twice this way: the file, and a link to itself.
      if (target === name) {
        this.dropped.add(entry.offset)
        return
      }
      if ((before.kind === 'folder') !== (entry.kind === 'folder')) throw this.lost(name)
      this.dropped.add(before.offset)
      this.replaced.push({ name, links: before.links })
    }
    if (target !== undefined) this.link(name, target, entry.offset)
    this.seen.set(name, { offset: entry.offset, kind: entry.kind, links: [] })
    if (this.seen.size > MOST_MEMBERS) throw this.invalid(`at most ${MOST_MEMBERS} members`, 'more')
  }

  /**
   * The target of a hard link must already be there; through a symbolic link it may be under another name.
   */
  private link(name: string, target: string, offset: number): void {
    const file = this.seen.get(target)
    if (file) file.links.push(offset)
    else if (!this.isBelowLink(target))
      throw this.invalid(
        'what a hard link leads to before the link',
        `${show(name)}, a link to ${show(target)}`,
      )
  }

  private isBelowLink(name: string): boolean {
    const parts = name.split('/')
    return parts.some((_, i) => this.seen.get(parts.slice(0, i).join('/'))?.kind === 'link')
  }

  /** @throws LAYER_INVALID if a hard link would lose its target */
  plan(): MendPlan {
    const { twice, sparse, contiguous, times } = this
    for (const { name, links } of this.replaced)
      if (links.some((link) => !this.dropped.has(link))) throw this.lost(name)
    const notes = [
      note(
        [...twice],
        'is in it more than once; the last one counts',
        'are in it more than once; the last ones count',
      ),
      note(sparse, 'is a sparse file; its holes were filled', 'are sparse files; their holes were filled'),
      note(
        [...times],
        'has a time out of range; it was set to the nearest',
        'have times out of range; they were set to the nearest',
      ),
      note(contiguous, 'is a contiguous file; it became a file', 'are contiguous files; they became files'),
    ]
    return {
      dropped: this.dropped,
      notes: notes.flatMap((line) => (line ? [`${this.label}: ${line}.`] : [])),
    }
  }

  private lost(name: string): ContainerImageError {
    return this.invalid(
      'every name once, or members of which the last can stand for all',
      `${show(name)} twice`,
    )
  }

  private invalid(expected: string, found: string): ContainerImageError {
    return new ContainerImageError('LAYER_INVALID', `${this.label} is not a tar that engines can apply.`, {
      side: 'source',
      expected,
      found,
      remedy: 'Unpack it and pack it again: a new tar has every name once.',
    })
  }
}

function plain(name: string): string {
  return name.replace(/^(\.\/)+/, '').replace(/\/+$/, '')
}

function note(names: string[], one: string, several: string): string | undefined {
  if (names.length === 0) return undefined
  const more = names.length > MOST_NAMES ? ` and ${names.length - MOST_NAMES} more` : ''
  const shown = names.slice(0, MOST_NAMES).map(printable).join(', ')
  return `${shown}${more} ${names.length === 1 ? one : several}`
}
