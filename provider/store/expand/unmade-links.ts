import type { LinkKind } from './links.js'
import { folded } from './names.js'

/** Where a link leads. */
export interface UnmadeLink {
  target: string
  kind: LinkKind
}

/**
 * Links of layers that may not be made here: by a user without the privilege on Windows, on a file system without links.
 * They are lost, and reported; but entries that come later, with a name that leads through one or a whiteout
 * of one, keep their meaning.
 */
export class UnmadeLinks {
  /** By folder and name. */
  private readonly inFolders = new Map<string, Map<string, UnmadeLink & { name: string }>>()

  /** @param foldsCase whether the file system ignores case */
  constructor(private readonly foldsCase: boolean) {}

  add(place: string, link: UnmadeLink): void {
    const [folder, name] = split(place)
    const key = this.key(folder)
    const links = this.inFolders.get(key) ?? new Map<string, UnmadeLink & { name: string }>()
    this.inFolders.set(key, links.set(this.key(name), { ...link, name }))
  }

  at(place: string): UnmadeLink | undefined {
    const [folder, name] = split(place)
    return this.inFolders.get(this.key(folder))?.get(this.key(name))
  }

  /** The names of those in a folder. */
  namesIn(folder: string): string[] {
    return [...(this.inFolders.get(this.key(folder))?.values() ?? [])].map(({ name }) => name)
  }

  /** Forgets one. @returns whether there was one */
  forget(place: string): boolean {
    const [folder, name] = split(place)
    return this.inFolders.get(this.key(folder))?.delete(this.key(name)) ?? false
  }

  /** Forgets all below a folder that is removed. */
  forgetBelow(folder: string): void {
    const gone = this.key(folder)
    for (const key of this.inFolders.keys())
      if (key === gone || key.startsWith(`${gone}/`)) this.inFolders.delete(key)
  }

  private key(place: string): string {
    return this.foldsCase ? folded(place) : place
  }
}

function split(place: string): [folder: string, name: string] {
  const at = place.lastIndexOf('/')
  return [place.slice(0, Math.max(at, 0)), place.slice(at + 1)]
}
