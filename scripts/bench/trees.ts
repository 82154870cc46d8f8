import { copyFileSync, type Dirent, mkdirSync, readdirSync, renameSync, statSync } from 'node:fs'
import path from 'node:path'
import { remove } from './measure.js'

export interface BenchTree {
  name: 'few' | 'many'
  title: string
  /** What of this machine is taken, in the order of its names, until there are so many bytes. */
  places: string[]
  smallest: number
  largest: number
  size: number
}

/** A tree of large files and one of many small ones. */
export const BENCH_TREES: readonly BenchTree[] = [
  {
    name: 'few',
    title: 'few files',
    places: ['/usr/bin', '/usr/lib'],
    ...{ smallest: 1 << 20, largest: 64 << 20, size: 700e6 },
  },
  {
    name: 'many',
    title: 'many files',
    places: ['/usr/share', '/usr/lib'],
    ...{ smallest: 0, largest: 1 << 20, size: 450e6 },
  },
]

/**
 * Copies files of this machine into a folder, unless it is there. Of names that differ only in case the first is
 * taken, and none with a colon: an image of Windows cannot hold them.
 * @returns how many files and bytes the folder has
 */
export function makeTree(tree: BenchTree, folder: string): { files: number; bytes: number } {
  const unfinished = `${folder}.new`
  const there = statSync(folder, { throwIfNoEntry: false }) !== undefined
  if (!there) remove(unfinished)
  const made = { files: 0, bytes: 0 }
  const source = there ? [folder] : tree.places
  for (const file of walk(source)) {
    const { size } = statSync(file)
    if (!there) {
      if (made.bytes >= tree.size) break
      if (size < tree.smallest || size > tree.largest) continue
      const target = path.join(unfinished, file)
      mkdirSync(path.dirname(target), { recursive: true })
      copyFileSync(file, target)
    }
    made.files++
    made.bytes += size
  }
  if (!there) renameSync(unfinished, folder)
  return made
}

function* walk(places: readonly string[]): Generator<string> {
  for (const place of places) {
    const names = new Set<string>()
    for (const entry of entriesOf(place)) {
      const folded = entry.name.toUpperCase()
      if (names.has(folded) || folded.includes(':')) continue
      names.add(folded)
      const name = path.join(place, entry.name)
      if (entry.isDirectory()) yield* walk([name])
      else if (entry.isFile()) yield name
    }
  }
}

function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))
  } catch {
    return []
  }
}
