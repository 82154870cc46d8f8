import { type BigIntStats, lstatSync } from 'node:fs'
import path from 'node:path'

/** A folder that was made while laying out layers. */
export interface MadeFolder {
  /** As spelled when it was made; the name in the file system. */
  readonly name: string
  readonly above: MadeFolder | undefined
  /** In seconds since 1970. */
  mtime: number
}

/**
 * The folders that were made below a root. Names are looked up here and not in the file system, which may
 * have a link of a layer in their place. Two spellings that the file system treats as one name lead to one
 * folder: it is recognised by its inode number, so that two folders are never confused.
 */
export class MadeFolders {
  private readonly byName = new Map<string, MadeFolder>()
  private readonly byNumber = new Map<string, MadeFolder>()

  constructor(private readonly root: string) {
    this.add('', { name: '', above: undefined, mtime: 0 })
  }

  find(name: string): MadeFolder | undefined {
    return this.byName.get(name)
  }

  /** Records a folder that was just made. */
  made(name: string, place: string, above: MadeFolder): MadeFolder {
    return this.add(name, { name: place, above, mtime: 0 })
  }

  /** The folder with these facts, if it was made here; from now on it is also found under this name. */
  madeAs(stats: BigIntStats, name: string): MadeFolder | undefined {
    const folder = this.byNumber.get(numberOf(stats))
    if (folder) this.byName.set(name, folder)
    return folder
  }

  /** Forgets a removed folder, and everything in it. */
  forget(place: string, stats: BigIntStats): void {
    const gone = this.byNumber.get(numberOf(stats)) ?? this.byName.get(place)
    if (!gone) return
    for (const known of [this.byName, this.byNumber])
      for (const [key, folder] of known) if (isWithin(folder, gone)) known.delete(key)
  }

  /** All but the root, inner ones first. */
  all(): MadeFolder[] {
    return [...new Set(this.byName.values())].filter(({ name }) => name !== '').reverse()
  }

  private add(name: string, folder: MadeFolder): MadeFolder {
    const stats = lstatSync(path.join(this.root, folder.name), { bigint: true })
    this.byName.set(name, folder)
    // A file system without inode numbers gives all of them the same.
    if (stats.ino !== 0n) this.byNumber.set(numberOf(stats), folder)
    return folder
  }
}

function isWithin(folder: MadeFolder, other: MadeFolder): boolean {
  for (let at: MadeFolder | undefined = folder; at; at = at.above) if (at === other) return true
  return false
}

function numberOf({ dev, ino }: BigIntStats): string {
  return `${dev}:${ino}`
}
