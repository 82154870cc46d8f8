import path from 'node:path'
import { ContainerImageError, hasCode, show } from '../../../manifests/index.js'
import { exactText } from '../members/exact-text.js'
import type { TarEntry } from '../members/tar-entries.js'
import { unreadNumbers } from './unread-numbers.js'

/** More than any layer has; each costs memory. */
const MOST_ENTRIES = 2_000_000

/**
 * GNU tar's types that look like files but that no engine accepts. Sparse files in pax format are accepted.
 */
const REFUSED: Record<string, string> = {
  S: 'a sparse file of the old kind of GNU tar',
  '7': 'a contiguous file (type 7)',
}

/** Judges the entries of a layer one after the other: whether engines can apply them. */
export class LayerForm {
  /** Each with what it is. */
  private readonly names = new Map<string, TarEntry['kind']>()
  /** The last folder that was looked at: most entries share it with the one before. */
  private folder = '.'
  private readonly targets: LinkTargets | undefined

  /** @param isAlone whether no other layer is below it */
  constructor(
    private readonly label: string,
    { isAlone = false }: { isAlone?: boolean } = {},
  ) {
    this.targets = isAlone ? new LinkTargets() : undefined
  }

  /** @throws LAYER_INVALID */
  add(entry: TarEntry): void {
    const name = nameInEngines(entry)
    const refused = REFUSED[entry.header.type]
    if (refused) throw this.invalid('files, folders, links and devices', `${refused}: ${show(name)}`)
    const [unread] = unreadNumbers(entry)
    if (unread) throw this.invalid('numbers of 64 bits', `another ${unread.field} of ${show(name)}`)
    // Go rejects such a header, and others end the name there.
    if (name.includes('\0')) throw this.invalid('names without NUL', show(name))
    if (isRoot(name) && entry.kind !== 'folder')
      throw this.invalid('a folder at the root', `a ${entry.kind}: ${show(name)}`)
    if (entry.kind === 'hard-link' && pathInEngines(entry.target ?? '') === pathInEngines(name))
      throw this.invalid('a hard link to another file', `one to itself: ${show(name)}`)
    if (entry.kind === 'hard-link' && this.targets?.isNowhere(entry.target ?? ''))
      throw this.invalid(
        'a hard link to a file before it',
        `${show(name)}, a link to ${show(entry.target ?? '')}, which is nowhere`,
      )
    this.targets?.add(name, entry.kind)
    if (this.names.has(name))
      throw this.invalid('every name once: docker and podman take no other layer', `${show(name)} twice`)
    if (this.names.size >= MOST_ENTRIES) throw this.invalid(`at most ${MOST_ENTRIES} entries`, 'more')
    const above = this.fileAbove(name)
    if (above !== undefined)
      throw this.invalid('files in folders alone', `${show(name)}, below ${show(above)}, which is a file`)
    this.names.set(name, entry.kind)
  }

  /** Engines make entries in the order of the tar, and nothing below a file. */
  private fileAbove(name: string): string | undefined {
    const parent = path.posix.dirname(name)
    if (parent === this.folder) return undefined
    for (let folder = parent; folder !== '.' && folder !== '/'; folder = path.posix.dirname(folder))
      if (this.names.get(folder) === 'file') return folder
    this.folder = parent
    return undefined
  }

  /** A fault in the tar itself is reported for the layer, whose bytes are the right ones. */
  told(error: unknown): unknown {
    if (!hasCode(error, 'ARCHIVE_INVALID') || error.details?.position === undefined) return error
    return this.invalid(String(error.expected), `${error.found}, at byte ${error.details.position}`)
  }

  private invalid(expected: string, found: string): ContainerImageError {
    return new ContainerImageError('LAYER_INVALID', `${this.label} is not a tar that engines can apply.`, {
      side: 'source',
      expected,
      found,
    })
  }
}

/** What hard links of a layer can lead to. Engines make them in the order of the tar, and fail where there is nothing. */
class LinkTargets {
  private readonly files = new Set<string>()
  private readonly links = new Set<string>()

  add(name: string, kind: TarEntry['kind']): void {
    if (kind === 'folder') return
    const place = pathInEngines(name)
    this.files.add(place)
    if (kind === 'link') this.links.add(place)
  }

  /** If a folder along the path is a link, an engine may find it elsewhere. */
  isNowhere(target: string): boolean {
    const place = pathInEngines(target)
    if (this.files.has(place)) return false
    for (let folder = path.posix.dirname(place); folder !== '/'; folder = path.posix.dirname(folder))
      if (this.links.has(folder)) return false
    return true
  }
}

/** The name by which an engine notices that there are two; of a sparse file the true one. */
export function nameInEngines({ rawName, records }: Pick<TarEntry, 'rawName' | 'records'>): string {
  const sparse = records?.get('GNU.sparse.name')
  const raw = sparse ? exactText(sparse) : rawName
  const name = /(^|\/)\.{0,2}\//.test(raw) || raw.endsWith('.') ? path.posix.normalize(raw) : raw
  return name.length > 1 && name.endsWith('/') ? name.slice(0, -1) : name
}

/** Before engines make a link they remove whatever has its name, and here that is the file itself. */
function pathInEngines(name: string): string {
  return path.posix.normalize(`/${name}`)
}

function isRoot(name: string): boolean {
  return ['/', '.'].includes(path.posix.normalize(name || '/'))
}
